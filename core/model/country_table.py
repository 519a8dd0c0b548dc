#!/usr/bin/python3
"""Writes country_table.h from the ISO 3166-1 list of Debian's package iso-codes:

    core/model/country_table.py > core/model/country_table.h

The result is committed, so that building needs neither this script nor the package; a test
compares the two where the package is installed.
"""

import json
import pathlib
import textwrap
import unicodedata

LIST = pathlib.Path("/usr/share/iso-codes/json/iso_3166-1.json")

# What services say instead of any of the list's names. XK is no code of the list: the standard
# leaves it to users, and those who tell places use it for Kosovo.
EXTRA = {"XK": ("XKX", "Kosovo")}
ALSO = {
    "BN": ["Brunei"],
    "BO": ["Bolivia"],
    "CD": ["DR Congo", "Congo-Kinshasa", "Democratic Republic of the Congo", "Congo, The Democratic Republic"],
    "CG": ["Congo-Brazzaville", "Congo Republic", "Republic of Congo"],
    "CI": ["Ivory Coast", "Cote d'Ivoire"],
    "CV": ["Cape Verde"],
    "CZ": ["Czech Republic"],
    "FK": ["Falkland Islands"],
    "FM": ["Micronesia"],
    "GB": ["UK", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"],
    "HK": ["Hong Kong SAR", "Hong Kong SAR China"],
    "IR": ["Iran"],
    "KP": ["North Korea"],
    "KR": ["South Korea", "Korea", "Republic of Korea"],
    "LA": ["Laos"],
    "MD": ["Moldova", "Republic of Moldova"],
    "MK": ["Macedonia", "FYROM"],
    "MM": ["Burma"],
    "MO": ["Macau", "Macau SAR", "Macao SAR China"],
    "NL": ["Holland"],
    "PS": ["Palestine", "Palestinian Territory", "Palestinian Territories"],
    "RU": ["Russia"],
    "SH": ["Saint Helena"],
    "ST": ["Sao Tome and Principe"],
    "SY": ["Syria"],
    "SZ": ["Swaziland"],
    "TL": ["East Timor"],
    "TR": ["Turkey", "Turkiye"],
    "TW": ["Taiwan"],
    "TZ": ["Tanzania"],
    "US": ["America", "U.S.A.", "U.S."],
    "VA": ["Vatican", "Vatican City"],
    "VE": ["Venezuela"],
    "VG": ["British Virgin Islands"],
    "VI": ["U.S. Virgin Islands", "US Virgin Islands"],
    "VN": ["Vietnam"],
}


def key(name):
    """As country.c does: lower-case letters without marks, and nothing else."""
    plain = unicodedata.normalize("NFD", name.replace("&", " and "))
    letters = "".join(c for c in plain.lower() if "a" <= c <= "z" or c == " ")
    if letters.startswith("the "):
        letters = letters[4:]
    return letters.replace(" ", "")


def countries():
    """code -> (three-letter code, name for people, all names)"""
    found = {}
    for row in json.loads(LIST.read_text())["3166-1"]:
        names = [row[k] for k in ("name", "common_name", "official_name") if k in row]
        found[row["alpha_2"]] = (row["alpha_3"], row.get("common_name", row["name"]), names)
    for code, (three, name) in EXTRA.items():
        found[code] = (three, name, [name])
    return found


def keys(found):
    """key -> code. The first country that has a name keeps it."""
    result = {}
    for code, (three, _, names) in sorted(found.items()):
        for name in [three, *names, *ALSO.get(code, [])]:
            result.setdefault(key(name), code)
    return result


def show(pairs):
    """Rows of a C table, as many on a line as fit."""
    text = " ".join(f'{{"{a}","{b}"}},'.replace(" ", "\0") for a, b in sorted(pairs.items()))
    for line in textwrap.wrap(text, 102, break_long_words=False, break_on_hyphens=False):
        print("\t" + line.replace("\0", " ").replace('","', '", "'))


def main():
    found = countries()
    print("/* Written by country_table.py: the countries of ISO 3166-1, and Kosovo. Do not edit. */")
    print("#ifndef VS_MODEL_COUNTRY_TABLE_H\n#define VS_MODEL_COUNTRY_TABLE_H\n")
    print("/* clang-format off */")
    print("static const struct country_row country_rows[] = {")
    show({code: name for code, (_, name, _) in found.items()})
    print("};\n")
    print("/* Without blanks and marks, in order; with the three-letter codes. */")
    print("static const struct country_key country_keys[] = {")
    show(keys(found))
    print("};")
    print("/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
