import stat
import struct
import zipfile
from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes import archives
from gridmgmt.exchange.bytes.archives import unpacked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "送审.zip"


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(LayerError) as caught, unpacked(path):
        pass
    return str(caught.value)


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_a_zip_is_there_for_the_block_and_gone_after_it(path: Path) -> None:
    zipped(path, ("层/a.shp", b"1"), ("层/a.dbf", b"2"))
    with unpacked(path) as folder:
        assert files(folder) == {"层/a.shp", "层/a.dbf"}
    assert not folder.exists()


def test_the_folder_is_removed_when_the_block_fails(path: Path) -> None:
    zipped(path, ("a.shp", b"1"))
    message = "later"
    with pytest.raises(RuntimeError), unpacked(path) as folder:
        raise RuntimeError(message)
    assert not folder.exists()


def test_names_in_gbk_bytes_are_read_as_windows_in_china_wrote_them(path: Path) -> None:
    # The zip module writes UTF-8; the bytes and the flag are put in by hand.
    name = "街道.shp"
    raw = name.encode("gbk")
    zipped(path, ("x" * len(raw), b"1"))
    data = path.read_bytes().replace(b"x" * len(raw), raw)
    path.write_bytes(data)
    with unpacked(path) as folder:
        assert files(folder) == {name}


def test_names_in_unflagged_utf8_are_read_as_utf8(path: Path) -> None:
    raw = "街道.shp".encode()
    zipped(path, ("x" * len(raw), b"1"))
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    with unpacked(path) as folder:
        assert files(folder) == {"街道.shp"}


def test_what_operating_systems_add_is_passed_over(path: Path) -> None:
    zipped(path, ("a.shp", b"1"), ("__MACOSX/._a.shp", b"x"), ("Thumbs.db", b"x"))
    with unpacked(path) as folder:
        assert files(folder) == {"a.shp"}


@pytest.mark.parametrize(
    "name", ["../evil.shp", "a/../../evil.shp", "/etc/evil.shp", "..\\evil.shp", "~/evil.shp"]
)
def test_an_entry_that_leaves_the_folder_is_refused(path: Path, name: str) -> None:
    told = refusal(zipped(path, ("a.shp", b"1"), (name, b"x")))
    assert "nothing was unpacked" in told
    assert "would be written outside the folder" in told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("C:evil.shp", "is no name for a file"),
        ("x" * 250 + ".shp", "has too long a name"),
        ("inner.zip", "is an archive inside the archive"),
        ("inner.tar.GZ", "is an archive inside the archive"),
    ],
)
def test_an_odd_entry_is_refused_by_name(path: Path, name: str, said: str) -> None:
    assert said in refusal(zipped(path, (name, b"x")))


def test_a_link_is_refused(path: Path) -> None:
    link = zipfile.ZipInfo("a.shp")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link or a device" in refusal(zipped(path, (link, b"/etc/passwd")))


def test_all_faults_are_told_at_once(path: Path) -> None:
    told = refusal(zipped(path, ("../a.shp", b"x"), ("b.zip", b"x"), ("../c.shp", b"x")))
    assert told.count("\n  - ") == 3


def test_two_entries_of_one_name_are_refused(path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        zipped(path, ("a.shp", b"1"), ("a.shp", b"2"))
    assert "is there twice" in refusal(path)


def test_a_password_is_refused(path: Path) -> None:
    zipped(path, ("a.shp", b"1"))
    data = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + offset] |= 1
    path.write_bytes(bytes(data))
    assert "is protected by a password" in refusal(path)


def test_a_bomb_is_refused_before_it_unfolds(path: Path) -> None:
    assert "a bomb?" in refusal(zipped(path, ("a.shp", bytes(64 << 20))))


def test_a_bomb_that_lies_about_its_size_is_refused(path: Path) -> None:
    zipped(path, ("a.shp", bytes(32 << 20)))
    data = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(header) + offset, 1000)
    path.write_bytes(bytes(data))
    assert "damaged zip file" in refusal(path)


def test_what_is_written_counts_and_not_what_is_declared(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped(path, ("a.shp", b"x" * 1000), ("b.shp", b"y" * 1000))
    monkeypatch.setattr(archives, "_too_large", lambda *_: [])
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1500)
    assert "unpacks to more than it declares, in 'b.shp'" in refusal(path)


def test_total_size_and_number_of_entries_are_limited(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped(path, ("a.shp", b"x" * (2 << 20)))
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1 << 20)
    assert "unpacks to 2 MiB; the limit is 1 MiB" in refusal(path)
    zipped(path, *((f"{k}.shp", b"") for k in range(5_001)))
    assert "holds 5,001 entries; the limit is 5,000" in refusal(path)


def test_a_damaged_zip_is_refused(path: Path) -> None:
    zipped(path, ("a.shp", bytes(range(256)) * 40))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "damaged zip" in refusal(path)
    path.write_bytes(data[:60] + b"\xff" * 40 + data[100:])
    assert "damaged zip" in refusal(path)


def test_nothing_is_left_behind_by_a_refusal(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    refusal(zipped(path, ("../a.shp", b"x")))
    assert list((tmp_path / "tmp").iterdir()) == []
