"""What is made up beside the real files of a city, always the same: duties and odd cases."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from tests.real_data.golden.cities import CLASSES, City

T = TypeVar("T")

CASE = "case_no,category,reported_at,due_at,lon,lat,accuracy_m,description,address"
DUTY = "responder_code,role,target,target_code,level,categories,hours,valid_to,letter_no"
RESPONDER = "code,kind,name,superior_code,phone"
CATEGORY = "code,name,category_class,class_code"
# Degrees: 8 to 10 m, so that a position outside all areas is snapped.
BESIDE = 1e-4


def write_levels(city: City, path: Path) -> None:
    rows = [(one.level, f"{one.level} 级", one.level) for one in city.layers]
    write(path, "level,name_zh,name_en", rows)


def write_responsibility(city: City, codes: Sequence[str]) -> None:
    """Write categories, responders, and duties on the areas of one level, by their order.

    Most areas have one responder; some have two, some nobody, some at office hours only, some
    until 2013.
    """
    kinds = sorted({row[city.column("category")] for row in city.case_rows()})
    rows = [(code, code, "event", "") for code in kinds]
    rows += [(f"C{code}", word, "component", code) for word, code in CLASSES.items()]
    write(Path("categories.csv"), CATEGORY, rows)
    people = [("CENTRE", "department", "中心", "", "010-0")]
    people += [(code, "company", word, "", "010-1") for word, code in CLASSES.items()]
    duties = []
    for n, code in enumerate(codes):
        people.append((f"R{code}", "squad", f"中队 {code}", "CENTRE", f"010-{n}"))
        where = ("area", code, city.duties_on)
        if n % 7 != 6:
            hours = "Mo-Fr 08:00-18:00" if n % 5 == 4 else ""
            until = "2013-06-30" if n % 11 == 10 else ""
            duties.append((f"R{code}", "dispose", *where, "*", hours, until, f"字 {n} 号"))
        if n % 4 == 3:
            duties.append((f"R{codes[n - 1]}", "dispose", *where, kinds[0], "", "", ""))
            duties.append((f"R{codes[n - 2]}", "assist", *where, "*", "", "", ""))
        if n % 3 == 2:
            duties.append(("CENTRE", "oversee", *where, "*", "", "", ""))
    write(Path("responders.csv"), RESPONDER, people)
    write(Path("duties.csv"), DUTY, duties)


def write_odd_cases(city: City, corners: Sequence[Sequence[float]]) -> None:
    """Write open cases of every reason why one waits for a person.

    They lie near cases of the file, at components, at corners of areas and just beside them.
    """
    places = [
        (float(row[city.column("lon")]), float(row[city.column("lat")]), row)
        for row in city.case_rows()
        if row[city.column("lon")] and row[city.column("lat")]
    ]
    rows = [(lon + n % 9 * 4e-5, lat, row) for n, (lon, lat, row) in enumerate(_some(places))]
    for row in _some(list(city.components())):
        about = {city.column("category"): f"C{CLASSES[row['category']]}"}
        rows.append((float(row["lon"]), float(row["lat"]), {**places[0][2], **about}))
    for n, (lon, lat) in enumerate(_some(corners)):
        rows.append((lon + n % 2 * BESIDE, lat, places[n % len(places)][2]))
    write(Path("odd-cases.csv"), CASE, [_odd(city, n, *row) for n, row in enumerate(rows)])


def _some(rows: Sequence[T]) -> Sequence[T]:
    """Take about two hundred, evenly."""
    return rows[:: max(1, len(rows) // 200)]


def _odd(city: City, n: int, lon: float, lat: float, row: dict[str, str]) -> tuple[str, ...]:
    reported = row[city.column("reported_at")]
    if n % 5 == 1:
        reported = f"2019-07-{n % 27 + 1:02} 10:{n % 60:02}"
    if n % 40 == 3:
        reported = "1999-01-01 08:00"
    position = (f"{lon + (n % 20 == 2):.8f}", f"{lat:.8f}", ("", "10", "80", "300")[n % 4])
    if n % 20 in (4, 5):
        position = ("", "", "")
    category = row[city.column("category")] if n % 30 else "未知"
    due = "2026-12-31" if n % 3 else ""
    address = "" if n % 20 == 4 else f"{n} 号"
    return (f"X-{n:03}", category, reported, due, *position, f"描述 {n}", address)


def write(path: Path, columns: str, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns.split(","), *rows])
