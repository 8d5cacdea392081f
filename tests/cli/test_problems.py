import csv
from pathlib import Path

import pytest

from gridmgmt.cli import run
from gridmgmt.cli.problems import problem_lines
from gridmgmt.settings import Settings
from tests.services.answering import table


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
