"""What errors say to do is typed as it stands, and works."""

import json
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import click
import geopandas
import openpyxl
import pyarrow
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from babel.messages.pofile import read_po

from gridmgmt.cli import run
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.archives.crew import local_crew
from gridmgmt.settings import Settings
from tests.cli.areas.test_draft import Bureau
from tests.commands import commands
from tests.services.answering import bureau
from tests.services.case_city import A1

ROOT = Path(__file__).parents[2]

BOXES = [
    shapely.box(120.1, 30.2, 120.11, 30.21),
    shapely.box(120.11, 30.2, 120.12, 30.21),
    shapely.box(120.12, 30.2, 120.13, 30.21),
]
CODES = ["330103001001001", "330103001001002", "330103001001003"]
NAMES = ["东新园", "翠苑", "文晖路"]


def frame(crs: str | None = "EPSG:4326") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"code": CODES, "name": NAMES}, geometry=BOXES, crs=crs)


def projected(*, north_first: bool = False) -> geopandas.GeoDataFrame:
    plane = frame().to_crs("EPSG:4549")
    if north_first:
        plane.geometry = shapely.transform(plane.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return plane


def without_crs(folder: Path) -> Path:
    path = folder / "areas.shp"
    pyogrio.write_dataframe(frame(), path, encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    return path


def undefined_crs(folder: Path) -> Path:
    path = folder / "areas.gpkg"
    pyogrio.write_dataframe(frame(), path, layer="areas")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE gpkg_geometry_columns SET srs_id = 0")
    return path


def north_first(folder: Path) -> Path:
    path = folder / "areas.gpkg"
    pyogrio.write_dataframe(projected(north_first=True), path, layer="areas")
    return path


def in_gbk(folder: Path) -> Path:
    path = folder / "areas.shp"
    pyogrio.write_dataframe(frame(), path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


def geojson_in_gbk(folder: Path) -> Path:
    path = folder / "areas.geojson"
    pyogrio.write_dataframe(frame(), path)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    return path


def two_layers(folder: Path) -> Path:
    path = folder / "areas.gpkg"
    pyogrio.write_dataframe(frame(), path, layer="cells")
    pyogrio.write_dataframe(frame(), path, layer="cells_2019")
    return path


LAYERS = [without_crs, undefined_crs, north_first, in_gbk, geojson_in_gbk, two_layers]


def remedies(said: str) -> list[list[str]]:
    """Return what a person may type, as the error says: an option and its value each."""
    told = said.partition("what to do: ")[2]
    typed = re.findall(r'(--[a-z-]+ (?:"[^"]+"|[\w:-]+\d\w*))', told)
    if not typed:
        # Named apart from the values it can have.
        option = re.search(r"--[a-z-]+", told)
        assert option
        rest = told[option.end() :]
        values = re.findall(r"EPSG:\d+", rest) or re.findall(r"\w+", rest)
        typed = [f"{option[0]} {value}" for value in values]
    typed += [
        f"{typed[0].partition(' ')[0]} {other}" for other in re.findall(r" / ([\w-]+)", told)
    ]
    return [shlex.split(one) for one in typed]


def check(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command that fails, and again with what it said to do."""
    assert command() != 0
    typed = remedies(capsys.readouterr().err)
    assert typed
    for options in typed:
        assert command(*options) == 0, (options, capsys.readouterr().err)
        capsys.readouterr()


@pytest.mark.parametrize("make", LAYERS)
def test_remedies_for_the_areas_of_locate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], Path]
) -> None:
    areas = make(tmp_path)
    cases = tmp_path / "cases.csv"
    cases.write_text("no,lon,lat\n1,120.105,30.205\n", "utf-8")
    fixed = ["locate", str(cases), "--areas", str(areas), "--code", "code", "-o", "-"]
    check(lambda *more: run([*fixed, *more], Settings()), capsys)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of one worker for all archives; each command would start its own."""
    with local_crew(1) as crew:
        yield crew._client.scheduler.address


@pytest.mark.proof
@pytest.mark.parametrize("make", LAYERS)
def test_remedies_for_the_areas_of_an_archive(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cluster: str,
    make: Callable[[Path], Path],
) -> None:
    areas = make(tmp_path)
    table = pyarrow.table({"lon": [120.105], "lat": [30.205]})
    (tmp_path / "archive").mkdir()
    pyarrow.parquet.write_table(table, tmp_path / "archive" / "a.parquet")
    fixed = ["archive", "count", str(tmp_path / "archive"), "--areas", str(areas)]
    fixed += ["--code", "code", "--by", "area", "-o", "-", "--cluster", cluster]
    check(lambda *more: run([*fixed, *more], Settings()), capsys)


@pytest.mark.parametrize("make", LAYERS)
def test_remedies_for_a_draft(
    tmp_path: Path,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], Path],
) -> None:
    officer = Bureau(settings, capsys)
    levels = tmp_path / "levels.csv"
    levels.write_text("level,name_zh,name_en\ncell,网格,Cell\n", "gb18030")
    check(lambda *more: run(["level", "set", str(levels), *more], settings), capsys)
    assert officer("level", "set", levels, "--encoding", "gb18030", "--commit") == 0
    assert officer("draft", "create", "first", "--commit") == 0
    fixed = ["draft", "import", "first", str(make(tmp_path)), "--level", "cell"]
    fixed += ["--code", "code", "--name", "name"]
    check(lambda *more: run([*fixed, *more], settings), capsys)


def csv_in_gbk(folder: Path) -> Path:
    path = folder / "cases.csv"
    path.write_bytes("no,地址,lon,lat\n1,翠苑一区,120.105,30.205\n".encode("gb18030"))
    return path


def csv_in_utf16(folder: Path) -> Path:
    path = folder / "cases.csv"
    path.write_text("no,lon,lat\n1,120.105,30.205\n", "utf-16")
    return path


def csv_in_metres(folder: Path) -> Path:
    x, y = from_lonlat([120.105], [30.205], resolve("EPSG:4547"))
    path = folder / "cases.csv"
    path.write_text(f"no,lon,lat\n1,{float(x[0])},{float(y[0])}\n", "utf-8")
    return path


def two_sheets(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("second")):
        assert sheet
        sheet.append(["no", "lon", "lat"])
        sheet.append([1, 120.105, 30.205])
    path = folder / "cases.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("make", [csv_in_gbk, csv_in_utf16, csv_in_metres, two_sheets])
def test_remedies_for_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], Path]
) -> None:
    areas = tmp_path / "areas.gpkg"
    pyogrio.write_dataframe(frame(), areas, layer="areas")
    fixed = ["locate", str(make(tmp_path)), "--areas", str(areas), "--code", "code", "-o", "-"]
    check(lambda *more: run([*fixed, *more], Settings()), capsys)


def sentences() -> list[str]:
    catalogue = ROOT / "web/translations/zh/LC_MESSAGES/sentences.po"
    with catalogue.open("rb") as file:
        return [str(message.id) for message in read_po(file) if message.id]


def options_of(command: click.Command) -> set[str]:
    return {name for one in command.params for name in one.opts}


def test_commands_and_options_that_are_named_exist() -> None:
    known = {tuple(name.split()): one for name, one in commands().items()}
    everywhere = set().union(*(options_of(one) for one in known.values()))
    for sentence in sentences():
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", sentence):
            assert option in everywhere, sentence
        for words in re.findall(r"gridmgmt ((?:[a-z-]+ ?)+)", sentence):
            named = next(
                (path for path in known if words.split()[: len(path)] == list(path)), None
            )
            assert named, sentence
            rest = sentence.partition(f"gridmgmt {' '.join(named)}")[2].partition(")")[0]
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", rest):
                assert option in options_of(known[named]), sentence


# What the remedies for a file of this kind name, which each command that reads one has to take.
NAMED = {"--layer": ("crs", "encoding"), "--sheet": ("encoding",)}


@pytest.mark.parametrize("reads", NAMED)
def test_every_command_that_reads_a_file_takes_what_its_remedies_say(reads: str) -> None:
    readers = {
        path: options
        for path, one in commands().items()
        if reads in (options := options_of(one))
    }
    assert len(readers) > 1
    for path, options in readers.items():
        of_areas = "areas-" if reads == "--layer" and "--areas" in options else ""
        assert {f"--{of_areas}{name}" for name in NAMED[reads]} <= options, path


CASES = "case_no,category,reported_at,lon,lat"


def case_table(folder: Path, *rows: str, header: str = CASES) -> Path:
    path = folder / "cases.csv"
    path.write_text("\n".join([header, *rows, ""]), "utf-8")
    return path


@pytest.fixture
def answering(settings: Settings) -> Settings:
    return bureau(settings)


def test_a_column_is_named_by_field(
    tmp_path: Path, answering: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = case_table(
        tmp_path, f"C1,E1,2026-03-02,{A1[0]},{A1[1]}", header="number" + CASES[7:]
    )
    assert run(["case", "import", str(path)], answering) != 0
    assert "--map field=column; there are number," in capsys.readouterr().err
    assert run(["case", "import", str(path), "--map", "case_no=number"], answering) == 0
    table = tmp_path / "responders.csv"
    table.write_text("number,kind,name\nS9,squad,九中队\n", "utf-8")
    assert run(["responder", "import", str(table)], answering) != 0
    assert "--map field=column; there are: number," in capsys.readouterr().err
    assert run(["responder", "import", str(table), "--map", "code=number"], answering) == 0


def test_swapped_positions_of_cases(
    tmp_path: Path, answering: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = case_table(tmp_path, f"C1,E1,2026-03-02,{A1[1]},{A1[0]}")
    assert run(["case", "import", str(path)], answering) != 0
    typed = re.search(r"--map (\S+)", capsys.readouterr().err)
    assert typed
    assert run(["case", "import", str(path), "--map", typed[1]], answering) == 0
    assert "located 1 " in capsys.readouterr().err


def test_swapped_positions_of_locate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    areas = tmp_path / "areas.gpkg"
    pyogrio.write_dataframe(frame(), areas, layer="areas")
    path = tmp_path / "cases.csv"
    path.write_text("no,lon,lat\n1,30.205,120.105\n", "utf-8")
    fixed = ["locate", str(path), "--areas", str(areas), "--code", "code", "-o", "-"]
    assert run(fixed, Settings()) != 0
    typed = re.search(r"--lon (\S+) --lat (\S+)", capsys.readouterr().err)
    assert typed
    assert run([*fixed, *typed[0].split()], Settings()) == 0
    assert CODES[0] in capsys.readouterr().out


def test_known_cases_that_differ(
    tmp_path: Path, answering: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = case_table(tmp_path, f"C1,E1,2026-03-02,{A1[0]},{A1[1]}")
    assert run(["case", "import", str(path), "--commit"], answering) == 0
    case_table(tmp_path, f"C1,E2,2026-03-02,{A1[0]},{A1[1]}")
    capsys.readouterr()
    run(["case", "import", str(path)], answering)
    assert "add --on-existing update" in capsys.readouterr().err
    assert run(["case", "import", str(path), "--on-existing", "update"], answering) == 0
    assert "updated 1" in capsys.readouterr().err


def test_cases_from_before_the_first_edition(
    tmp_path: Path, answering: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = case_table(tmp_path, f"C1,E1,2019-03-02,{A1[0]},{A1[1]}")
    assert run(["case", "import", str(path), "--commit"], answering) == 0
    typed = re.search(r"\(gridmgmt (edition extend [^)]+)\)", capsys.readouterr().err)
    assert typed
    assert run(typed[1].split(), answering) == 0
    assert "1 case(s) waited for it: 1 located" in capsys.readouterr().err


def areas_with(folder: Path, codes: list[str | None]) -> Path:
    path = folder / "areas.gpkg"
    changed = frame()
    changed["code"] = codes
    pyogrio.write_dataframe(changed, path, layer="areas")
    return path


@pytest.mark.parametrize(
    ("codes", "options"),
    [
        (["A", "A", "B"], ["--on-duplicate", "dissolve"]),
        (["A", "A", "B"], ["--where", "name <> '翠苑'"]),
        (["A", None, "B"], ["--code", "name"]),
    ],
)
def test_codes_that_several_areas_share_or_none_has(
    tmp_path: Path,
    answering: Settings,
    capsys: pytest.CaptureFixture[str],
    codes: list[str | None],
    options: list[str],
) -> None:
    assert run(["draft", "create", "d", "--commit"], answering) == 0
    fixed = ["draft", "import", "d", str(areas_with(tmp_path, codes)), "--level", "cell"]
    fixed += ["--code", "code", "--name", "name"]
    capsys.readouterr()
    assert run(fixed, answering) != 0
    said = capsys.readouterr().err
    assert options[0] in said
    assert run([*fixed, *options, "--merge"], answering) == 0


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4549,yx"])
def test_a_crs_that_a_format_cannot_hold(
    tmp_path: Path, answering: Settings, capsys: pytest.CaptureFixture[str], crs: str
) -> None:
    fixed = ["export", "areas", "--level", "cell", "--force"]
    out = str(tmp_path / "a.geojson")
    assert run([*fixed, "-o", out, "--crs", crs], answering) != 0
    assert "--crs" in capsys.readouterr().err
    assert run([*fixed, "-o", out], answering) == 0
    assert run([*fixed, "-o", str(tmp_path / "a.gpkg"), "--crs", "EPSG:4549"], answering) == 0


def dated(folder: Path, *dues: object) -> Path:
    """Write cases with these last days, as text or as cells that are dates."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([*CASES.split(","), "due_at"])
    for k, due in enumerate(dues):
        book.active.append([f"C{k}", "E1", "2026-03-02", *A1, due])
    path = folder / "cases.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("dues", "stated"),
    [
        (["03/04/2026"], []),
        ([date(2026, 4, 1), "13/04/2026"], []),
        (["13/04/2026", "13.4.26"], []),
        (["13/04/2026", "13.4.26", "Apr 5, 2026 8:30 PM", "2026-04-05"], []),
        (["13.4.26"], ["DD/MM/YYYY"]),
        (["13.4.26"], ["due_at=DD/MM/YYYY"]),
        (["2026-04-05 8:30 PM"], ["DD/MM/YYYY", "DD.MM.YYYY"]),
        (["03/04/2026"], ["DD/MM/YYYY", "MM/DD/YYYY"]),
        (["03/04/2026", date(2026, 4, 1)], ["DD/MM/YYYY", "M/D/YYYY", "D/M/YYYY"]),
    ],
)
def test_formats_of_dates_until_every_row_is_read(
    tmp_path: Path,
    answering: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    dues: list[object],
    stated: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    fixed = ["case", "import", str(dated(tmp_path, *dues)), "--json"]

    def rejected(formats: list[str]) -> list[str]:
        options = [part for one in formats for part in ("--date-format", one)]
        # A file of which no row can be used is an error of its own.
        assert run([*fixed, *options], answering) in (0, 3)
        rows = json.loads(capsys.readouterr().out)["rejected"]
        return [str(one["reason"]) for one in rows]

    reasons = rejected(stated)
    assert reasons
    while reasons:
        # The first of the formats that are named, beside those that were typed before.
        told = re.findall(r'--date-format "([^"]+)"', reasons[0])
        assert told, reasons
        stated = [*stated, told[0]]
        before, reasons = reasons, rejected(stated)
        assert len(reasons) < len(before), (stated, before, reasons)
