import csv
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.cli import run
from gridmgmt.cli.problems import problem_lines
from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.settings import Settings
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import square
from tests.services.answering import make_city, objects, stored, table


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def responders(folder: Path, count: int) -> Path:
    rows = [f"S{n},boss{n},队" for n in range(count)]
    return table(folder, "code,kind,name\n" + "\n".join(rows), "crew.csv")


def test_hundreds_of_problems_are_shown_by_kind_and_whole_in_a_file(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = responders(folder, 752)
    assert run(["responder", "import", str(path)], settings) == 3
    told = capsys.readouterr().err.splitlines()
    assert len(told) < 10
    assert "  - row 2: kind: 'boss0' is unknown" in told[1]
    assert told[4] == "  - … and 749 more; all in crew-problems.csv"
    assert told[-1].startswith("  what to do: ")
    header, *rows = rows_of(folder / "crew-problems.csv")
    assert header == ["kind", "problem"]
    assert len(rows) == 752
    assert rows[-1][0] == "row …: kind: … is unknown; write one of …"
    assert rows[-1][1].startswith("row 753: kind: 'boss751' is unknown")


def test_a_few_problems_are_all_shown_and_no_file_is_written(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = responders(folder, 20)
    assert run(["responder", "import", str(path)], settings) == 3
    assert "row 21: kind: 'boss19'" in capsys.readouterr().err
    assert [one.name for one in folder.iterdir()] == ["crew.csv"]


def test_the_file_is_kept_elsewhere_if_it_cannot_be_written_here(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = responders(folder, 30)
    (folder / "crew-problems.csv").mkdir()
    assert run(["responder", "import", str(path)], settings) == 3
    told = capsys.readouterr().err
    kept = Path(told.partition("all in ")[2].splitlines()[0])
    assert kept.is_absolute()
    assert len(rows_of(kept)) == 31


def test_losses_of_an_export_are_shown_by_kind_and_whole_in_a_file(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [Responder(f"S{n:03}", ResponderKind.SQUAD, f"={n}+1") for n in range(300)]
    stored(settings, lambda conn: (put_responders(conn, people), conn.commit()))
    assert run(["export", "responders", "-o", "crew.csv"], settings) == 0
    told = [one for one in capsys.readouterr().err.splitlines() if one.startswith("lost: ")]
    assert told == [
        *(
            f"lost: S{n:03} name: begins with '=', so a ' stands before it; .xlsx keeps it"
            for n in range(3)
        ),
        "lost: … and 297 more; all in crew-losses-problems.csv",
        "lost: phone: personal, left out",
    ]
    assert len(rows_of(folder / "crew-losses-problems.csv")) == 1 + 301


def test_findings_of_an_audit_are_shown_by_kind_and_whole_in_a_file(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(conn: Connection) -> None:
        make_city(conn)
        zones = [Zone(f"Z{n:02}", ZoneKind.VENDOR, "z") for n in range(30)]
        apart = (multipolygon(square(n, 3, 0.5)) for n in range(30))
        put_zones(conn, zones, objects(*apart))
        both = [
            Duty(0, squad, DutyRole.DISPOSE, DutyTarget.ZONE, None, zone.code, None)
            for zone in zones
            for squad in ("S1", "S2")
        ]
        add_duties(conn, both)
        conn.commit()

    stored(settings, fill)
    assert run(["duty", "audit", "--on", "2026-05-04"], settings) == 0
    told = capsys.readouterr().out.splitlines()
    doubles = told[told.index("two owners:") : told.index("no owner:")]
    assert len(doubles) == 1 + 3 + 1
    assert doubles[1].startswith("  zone Z00; all 2 categories: S1 and S2")
    assert doubles[4] == "  … and 27 more; all in duty-audit-2026-05-04-problems.csv"
    rows = rows_of(folder / "duty-audit-2026-05-04-problems.csv")
    assert sum("S1 and S2" in problem for _, problem in rows) == 30


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (Path("out/counts.xlsx"), "counts"),
        ("rough 1/2", "rough-1-2"),
        ("..", "gridmgmt"),
    ],
)
def test_the_file_is_named_after_what_the_problems_are_about(
    folder: Path, subject: object, name: str
) -> None:
    problems = [f"row {row}: no date" for row in range(30)]
    assert problem_lines(problems, subject)[-1].endswith(f"all in {name}-problems.csv")
    assert [one.name for one in folder.iterdir()] == [f"{name}-problems.csv"]
