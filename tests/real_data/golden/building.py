"""Bring a city in by the commands a bureau types, and let people act on its cases."""

import csv
import json
from pathlib import Path

from tests.real_data.golden.cities import CLASSES, City
from tests.real_data.golden.command import gridmgmt, must
from tests.real_data.golden.made_up import write_levels, write_odd_cases, write_responsibility
from tests.real_data.golden.pages import served

PASSWORD = "eight streets of paved grids"
LEVELS_AT_FIRST = {"city", "district", "street", "community", "cell"}


def build(city: City) -> None:
    must("db up")
    must("db migrate")
    if not LEVELS_AT_FIRST.issuperset(one.level for one in city.layers):
        write_levels(city, Path("levels.csv"))
        must("level set levels.csv --commit")
    areas(city)
    must(f"export areas --level {city.duties_on} -o areas-with-duties.csv")
    with Path("areas-with-duties.csv").open(encoding="utf-8-sig") as stream:
        write_responsibility(city, [row["code"] for row in csv.DictReader(stream)])
    must("category import categories.csv --json --commit", to="import-categories.json")
    must("responder import responders.csv --json --commit", to="import-responders.json")
    must("duty import duties.csv --json --commit", to="import-duties.json")
    if city.register.exists():
        owners = [f"--owner={code}={code}" for code in CLASSES.values()]
        columns = "code=component_id,class_code=category,name=name"
        must("component import --commit --crs 4490 --map", columns, *owners, city.register)
    columns = ",".join(f"{field}={column}" for field, column in city.columns.items())
    file = city.folder / city.cases
    must("case import --json --commit --map", columns, file, to="import-cases.json")


def areas(city: City) -> None:
    """Publish the editions, and check the drafts that could not be published as well."""
    file = city.folder / city.areas
    for label, since, tolerance, where, layer in city.editions:
        must(f"draft create --commit {label}")
        for one in city.layers:
            options = ["--layer", layer or one.layer, "--code", one.code, "--name", one.name]
            options += ["--parent", one.parent] if one.parent else []
            options += ["--where", where] if where else []
            must(f"draft import --commit --level {one.level} {label}", file, *options)
        gridmgmt(f"draft check --json {label}", to=f"check-{label}.json")
        gridmgmt(f"draft show --json {label}", to=f"draft-{label}.json")
        publish = f"draft publish --commit --effective-from {since} --tolerance-m2 {tolerance}"
        must(f"{publish} {label}")
    for label, level, options in city.drafts:
        must(f"draft create --commit {label}")
        gridmgmt(f"draft import --commit --level {level} {label} {options}", file)
        gridmgmt(f"draft check --json {label}", to=f"check-{label}.json")


def act(city: City) -> None:
    """Take in odd cases and reroute them, then do all that a person can do on the pages."""
    must(f"export areas --level {city.layers[-1].level} -o corners.geojson")
    shapes = json.loads(Path("corners.geojson").read_text("utf-8"))["features"]
    outer = [one["geometry"]["coordinates"] for one in shapes]
    # The first corner of each area, be it a polygon or several.
    write_odd_cases(
        city, [a[0][0] if isinstance(a[0][0][0], float) else a[0][0][0] for a in outer]
    )
    must("case import odd-cases.csv --json --commit", to="import-odd-cases.json")
    newest = max(1, len(city.editions))
    gridmgmt(f"case reroute --json --commit --edition {newest}", to="reroute.json")
    first = must("account create wang --role duty_chief --generate --commit").strip()
    waiting = json.loads(must("case list --json --unlocated --status triage --limit 10000"))
    given = json.loads(must("case list --json --status dispatched --limit 10000"))
    has = {o["case_no"]: o["responder_code"] for o in given if o["case_no"].startswith("X")}
    who = sorted(set(has.values()))
    with Path("odd-cases.csv").open(encoding="utf-8") as stream:
        odd = [row for row in csv.DictReader(stream) if row["lon"]]
    here = {"lon": odd[0]["lon"], "lat": odd[0]["lat"]}
    with served() as send:
        send("/login", username="wang", password=first)
        send("/account/password", old=first, new=PASSWORD, again=PASSWORD)
        for n, case_no in enumerate(sorted(has)[:40]):
            page, other = f"/cases/{case_no}", who[who.index(has[case_no]) - 1]
            if n < 8:
                send(page, "dispose", text="已处理", at="2026-01-05T10:00")
            if n < 4:
                send(page, "close", text="", at="2026-01-06T10:00")
            if n >= 8:
                send(page, "bounce", text=f"不归我管 {n}", suggested=other if n % 2 else "")
            if n >= 16:
                send(page, "assign", text="协商一致", responder=other)
        for case_no in sorted(one["case_no"] for one in waiting)[:12]:
            send(f"/cases/{case_no}", "place", text="电话核实", **here)
        for row in odd[-60:]:
            send("/cases/new", **{**row, "case_no": "", "reported_at": "2026-01-05T10:00:00"})
