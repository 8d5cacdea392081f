"""Whatever a file says and whatever it is called, it leads to no other file and no address."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio
import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers import vectors
from gridmgmt.exchange.layers.layer_kinds import KINDS, SUFFIXES
from gridmgmt.exchange.reading import confinement, files
from tests.attacks.canaries import WORD, Canary, planted
from tests.attacks.foreign_files import WRITTEN, hand_made
from tests.attacks.songs import frame, make_songs, make_tempting

# Forms of ours, and what looks like one of them and holds nothing but itself.
OURS = frozenset({one.driver for one in KINDS.values()} | {"KML", "KMLSUPEROVERLAY"})
LIKE_GEOJSON = frozenset({"GeoJSONSeq", "JSONFG", "STACIT", "STACTA"})

# What reaches the canary when GDAL may choose among all its drivers; without these the tests
# below would show nothing.
LEAD_ELSEWHERE = frozenset(
    {"pipeline", "pipeline-address", "vrt", "vrt-gpkg", "vrt-curl", "wfs"}
)


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    with planted(tmp_path / "canary") as canary:
        canary.touched()
        yield canary


@pytest.fixture
def foreign(tmp_path: Path, canary: Canary) -> dict[Path, tuple[str, str]]:
    """Files: the driver that each was made by or for, and who takes it when all may."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.attacks.foreign_files",
            str(folder),
            str(canary.folder),
            str(canary.port),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout.splitlines()[-1])
    return {folder / name: (driver, taker) for driver, name, taker in made}


def test_the_canary_sings_where_all_drivers_are_asked(
    canary: Canary, foreign: dict[Path, tuple[str, str]]
) -> None:
    assert {driver for driver, _ in foreign.values()} >= set(WRITTEN)
    assert {path.stem for path in foreign} >= LEAD_ELSEWHERE
    told = canary.touched()
    assert {"canary.csv", "canary.geojson", "canary.gpkg"} <= set(told)
    calls = [name for name in told if name.startswith("called")]
    assert any("example.org" in call for call in calls), "the proxy was not called"
    assert any("/wfs" in call for call in calls)
    takers = {taker for _, taker in foreign.values()}
    assert len(takers) > 30, takers


def outcome(read: Callable[[Path], object], path: Path) -> tuple[str, str]:
    """What became of a file: "read" and its values, or "refused" and the sentence."""
    try:
        found = read(path)
    except LayerError as error:
        return "refused", str(error)
    if isinstance(found, vectors.Layer):
        values = [list(map(str, column)) for column in found.fields.values()]
        return "read", json.dumps([found.notes, values, shapely.to_wkt(found.geom).tolist()])
    return "read", str(found)


def disguised(path: Path, suffix: str, folder: Path) -> Path:
    """A file under another name, alone in a folder."""
    folder.mkdir(parents=True)
    copy = shutil.copytree if path.is_dir() else shutil.copy
    return Path(copy(path, folder / f"a{suffix}"))


def packed(folder: Path) -> Path:
    """All that is in a folder as a zip."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.rglob("*"):
            archive.write(one, one.relative_to(folder))
    return path


def test_a_file_of_another_driver_is_refused_or_read_as_what_its_kind_says(
    tmp_path: Path, canary: Canary, foreign: dict[Path, tuple[str, str]]
) -> None:
    canary.touched()
    was_read: dict[str, set[str]] = {}
    failed = []
    for number, (path, (driver, _)) in enumerate(foreign.items()):
        suffixes = list(dict.fromkeys((path.suffix, *SUFFIXES)))
        for k, suffix in enumerate(suffixes):
            folder = tmp_path / "disguised" / f"{path.name}{k}"
            targets = [disguised(path, suffix, folder)]
            # A folder and a zip are looked through by the same rules: each suffix in its turn.
            targets += [folder] * ((number + k) % 3 == 0)
            targets += [packed(folder)] * ((number + k) % 3 == 1)
            for target in targets:
                kind, said = outcome(files.read_layer, target)
                assert WORD not in said, (path.name, target.name, said)
                if "a library failed" in said or "signal" in said:
                    failed.append((path.name, target.name, said))
                if kind == "read":
                    was_read.setdefault(driver, set()).add(target.suffix or "folder")
            outcome(files.list_layers, folder / f"a{suffix}")
            assert canary.touched() == [], (path.name, suffix)
            shutil.rmtree(folder)
    assert failed == []
    assert set(was_read) - OURS - LIKE_GEOJSON == set(), was_read
    assert {"FlatGeobuf", "GPKG", "GeoJSON", "LIBKML"} <= set(was_read)


def test_nothing_within_a_file_leads_elsewhere(tmp_path: Path, canary: Canary) -> None:
    folder = tmp_path / "songs"
    folder.mkdir()
    songs = list(make_songs(folder, canary))
    canary.touched()
    assert len(songs) > 150
    touched, failed, read = {}, [], 0
    for path in songs:
        kind, said = outcome(files.read_layer, path)
        said_of_v = ""
        if path.suffix == ".gpkg":
            _, said_of_v = outcome(lambda path: files.read_layer(path, layer="v"), path)
        # A file may repeat the canary's name, not what is in it.
        assert WORD not in said + said_of_v, path.parent.name
        if "a library failed" in said or "signal" in said:
            failed.append((path.parent.name, said))
        read += kind == "read"
        if names := canary.touched():
            touched[path.parent.name] = names
    assert failed == []
    if confinement.version():
        assert touched == {}
    assert read > 30, "files that lead nowhere are read for what they are"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_drivers_alone_keep_it_from_files_and_addresses(
    tmp_path: Path, canary: Canary
) -> None:
    """In this process, which may open everything and call everybody."""
    for name, (_, _, content) in hand_made(canary.folder, canary.port).items():
        for suffix in SUFFIXES:
            path = tmp_path / f"{name}{suffix}"
            path.write_bytes(content)
            _, said = outcome(vectors.read_layer, path)
            assert WORD not in said
    for path in make_tempting(tmp_path, canary):
        _, said = outcome(vectors.read_layer, path)
        assert WORD not in said
    assert canary.touched() == []


def test_a_journal_beside_a_geopackage_makes_nobody_delete_what_it_names(
    tmp_path: Path, canary: Canary
) -> None:
    """A hot journal names another one, which a database rolled back by it deletes."""
    victim = canary.file("csv")
    path = tmp_path / "a" / "a.gpkg"
    path.parent.mkdir()
    pyogrio.write_dataframe(frame(), path)
    name = str(victim).encode()
    pages, size = path.stat().st_size // 4096, 4096
    head = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"".join(
        number.to_bytes(4, "big") for number in (0, 1, pages, 512, size)
    )
    tail = (
        (0x40000000 // size + 1).to_bytes(4, "big")
        + name
        + len(name).to_bytes(4, "big")
        + sum(name).to_bytes(4, "big")
        + head[:8]
    )
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(f"a.gpkg{suffix}").write_bytes(head.ljust(512, b"\0") + tail)
    canary.touched()
    for target in (path, path.parent, packed(path.parent)):
        outcome(files.read_layer, target)
    assert victim.exists()
    assert canary.touched() == []


def test_a_part_of_a_shapefile_that_is_a_link_is_followed_only_to_what_it_is(
    tmp_path: Path, canary: Canary
) -> None:
    """A folder is a person's own, links included; a link makes no shapefile of anything."""
    for suffix in (".dbf", ".shp", ".shx", ".prj", ".cpg"):
        folder = tmp_path / suffix[1:]
        folder.mkdir()
        pyogrio.write_dataframe(frame(), folder / "a.shp")
        (folder / f"a{suffix}").unlink()
        (folder / f"a{suffix}").symlink_to(canary.file("csv"))
        _, said = outcome(files.read_layer, folder / "a.shp")
        assert WORD not in said


def test_a_flatgeobuf_that_announces_more_than_there_is_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.fgb"
    pyogrio.write_dataframe(frame(), path)
    whole = path.read_bytes()
    for at in range(8, 120, 4):
        for number in (0xFFFFFFFF, 0x7FFFFFFF, 0x00FFFFFF):
            path.write_bytes(whole[:at] + number.to_bytes(4, "little") + whole[at + 4 :])
            _, said = outcome(files.read_layer, path)
            assert "longer than" not in said, at


def test_a_confined_process_opens_only_what_it_was_left(tmp_path: Path) -> None:
    if not confinement.version():
        pytest.skip("this system does not know Landlock")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gridmgmt.exchange.reading.confinement import beside, confine, of_programs\n"
        "own, other, room = map(Path, sys.argv[1:])\n"
        "assert confine([*of_programs(), *beside(own)], room)\n"
        "def can(what):\n"
        "    try:\n"
        "        what()\n"
        "    except PermissionError:\n"
        "        return 'no'\n"
        "    return 'yes'\n"
        "print(can(own.read_bytes), can(own.with_suffix('.dbf').read_bytes),\n"
        "      can(other.read_bytes), can(Path('/etc/passwd').read_bytes),\n"
        "      can(Path('/proc/1/environ').read_bytes),\n"
        "      can(lambda: (room / 'x').write_text('x')), can((room / 'x').read_bytes),\n"
        "      can(lambda: own.write_text('x')), can(own.unlink),\n"
        "      can(lambda: list(other.parent.iterdir())))\n"
    )
    own, other, room = tmp_path / "a" / "a.shp", tmp_path / "b" / "a.shp", tmp_path / "room"
    for path in (own, own.with_suffix(".dbf"), other):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    room.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, str(own), str(other), str(room)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["yes"] * 2 + ["no"] * 3 + ["yes"] * 2 + ["no"] * 3
