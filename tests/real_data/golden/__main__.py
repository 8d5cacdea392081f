"""Build three real cities and the sample city, and keep every answer about them in files.

``python -m tests.real_data.golden FOLDER [CITY …]`` writes into FOLDER and prints the SHA-256
and the name of each file. Run it before and after a change that must change no answer, on one
day, and compare: ``diff -r -x english.txt BEFORE AFTER``. It uses commands, pages and tables
only, so a copy of this package runs in an older state too. What differs from run to run is
masked or left out:

- yesterday, today and tomorrow, with the time of day after them, are written as NOW;
- the home and the version of the program are written as HOME and VERSION;
- rows of tables are sorted; tables of passwords, sessions, jobs and transactions are left out;
- zips are unpacked, Parquet is written as CSV, and the date in the head of a .dbf is blanked.

English words may change: what commands tell people stands in ``english.txt``. Chinese may not.
"""

import hashlib
import os
import re
import sys
import tempfile
import zipfile
from contextlib import chdir, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from tests.real_data.golden.asking import ask, locate
from tests.real_data.golden.building import act, build
from tests.real_data.golden.cities import CITIES
from tests.real_data.golden.command import gridmgmt, must

DAYS = "|".join(str((datetime.now(UTC) + timedelta(days=n)).date()) for n in (-1, 0, 1))
NOW = re.compile(rf"(?:{DAYS})(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::?\d\d)?|Z)?)?")


def answer(name: str) -> None:
    """Write the answers of one city into the folder it is run in."""
    city = CITIES[name]
    with tempfile.TemporaryDirectory(prefix="gridmgmt-golden-") as home:
        # Where root runs it, the database belongs to another user, who has to get in.
        Path(home).chmod(0o755)
        os.environ |= {
            "GRIDMGMT_HOME": home,
            "GRIDMGMT_TZ": city.tz,
            "GRIDMGMT_ACTOR": "tester",
        }
        os.environ["GRIDMGMT_DATABASE"] = "gridmgmt" if city.editions else "gridmgmt_demo"
        try:
            if city.editions:
                build(city)
            else:
                must("demo --no-serve --size small --until 2026-10-31")
                city = replace(city, folder=home / city.folder)
            act(city)
            ask(city)
            locate(city)
        finally:
            gridmgmt("db down")
        tidy(home)


def tidy(home: str) -> None:
    """Unpack zips, and mask what differs from run to run."""
    for path in list(Path().rglob("*.zip")):
        zipfile.ZipFile(path).extractall(path.with_suffix(""))
        path.unlink()
    for path in [path for path in Path().rglob("*") if path.is_file()]:
        if path.suffix == ".dbf":
            content = path.read_bytes()
            path.write_bytes(content[:1] + bytes(3) + content[4:])
            continue
        with suppress(UnicodeDecodeError):
            text = path.read_bytes().decode()
            text = NOW.sub("NOW", text.replace(home, "HOME"))
            text = text.replace(f'"program": "{version("gridmgmt")}"', '"program": "VERSION"')
            if path.name.startswith("stored-"):
                text = "".join(sorted(text.splitlines(keepends=True)))
            path.write_bytes(text.encode())


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(CITIES)
    for name in names:
        (folder / name).mkdir(parents=True)
        with chdir(folder / name):
            answer(name)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{checksum}  {path.relative_to(folder)}\n")


if __name__ == "__main__":
    main()
