"""Figures as people read them."""


def number(value, digits=0):
    return f"{value:,.{digits}f}"


def size(value):
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if abs(value) >= factor:
            return f"{value / factor:,.2f} {unit}"
    return f"{value:,.0f} B"


def table(head, rows):
    """Lines: the first column to the left, the others to the right."""
    cells = [head, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        lines.append("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def verdict(value, wanted, text):
    """A wanted figure beside the one found."""
    return f"{text}: {'reached' if value <= wanted else 'MISSED'}"
