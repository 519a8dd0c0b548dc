"""sdk/CHANGELOG.md begins with the version that vpn_sentinel/abi.h states.

usage: changelog.py SDK_FOLDER
"""

import pathlib
import re
import sys


def main(arguments):
    sdk = pathlib.Path(arguments[0])
    header = (sdk / "include/vpn_sentinel/abi.h").read_text(encoding="utf-8")
    numbers = [re.search(rf"#define VPNS_ABI_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR")]
    first = re.search(r"^## (\S+)$", (sdk / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    if first == ".".join(numbers):
        return 0
    print(f"the newest entry of sdk/CHANGELOG.md is {first}, the headers describe {'.'.join(numbers)}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
