import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmgmt.domain.tile_matrix import MATRICES
from gridmgmt.errors import InputError
from gridmgmt.exchange.tiles import service as tile_service
from gridmgmt.exchange.tiles.service import TileService, tile_address
from gridmgmt.exchange.tiles.tiles import TileRange
from tests.exchange.tile_making import Upstream, png, upstream


@pytest.fixture
def service() -> Iterator[Upstream]:
    with upstream() as answering:
        yield answering


def made(service: Upstream, cache: Path, path: str = "/{z}/{x}/{y}.png") -> TileService:
    matrix = MATRICES["EPSG:3857"]
    return TileService(service.address + path, matrix, cache, TileRange())


def kept(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/{z}/{x}/{y}.png", "/3/5/1.png"),
        ("/{z}/{x}/{-y}.png", "/3/5/6.png"),
        ("/img/{TileMatrix}/{TileRow}/{TileCol}", "/img/3/1/5"),
        ("/t?T={z}&X={x}&Y={y}&tk=k", "/t?T=3&X=5&Y=1&tk=k"),
        (
            "/wmts?service=wmts&LAYER=vec",
            "/wmts?service=wmts&LAYER=vec&REQUEST=GetTile&TILEMATRIX=3&TILECOL=5&TILEROW=1",
        ),
        (
            "/wmts?SERVICE=WMTS&TILEMATRIX=c:{TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}",
            "/wmts?SERVICE=WMTS&TILEMATRIX=c:3&TILEROW=1&TILECOL=5",
        ),
    ],
)
def test_a_service_is_asked_in_its_own_way(
    service: Upstream, tmp_path: Path, path: str, asked: str
) -> None:
    assert made(service, tmp_path, path).picture(3, 5, 1) == png(9)
    assert service.asked == [asked]


@pytest.mark.parametrize(
    ("address", "missing"),
    [
        ("http://host/{z}/{x}.png", "row"),
        ("http://host/tiles", "zoom, column, row"),
        ("http://host/wms?SERVICE=WMS", "zoom, column, row"),
    ],
)
def test_an_address_without_the_tiles_place_is_refused(address: str, missing: str) -> None:
    with pytest.raises(InputError, match=missing):
        tile_address(address)


def test_a_tile_is_asked_for_once_and_kept(service: Upstream, tmp_path: Path) -> None:
    first = made(service, tmp_path)
    assert [first.picture(3, 5, 1), made(service, tmp_path).picture(3, 5, 1)] == [png(9)] * 2
    assert len(service.asked) == 1


def test_two_services_never_share_what_they_kept(service: Upstream, tmp_path: Path) -> None:
    made(service, tmp_path, "/a/{z}/{x}/{y}").picture(1, 0, 0)
    service.body = png(7)
    assert made(service, tmp_path, "/b/{z}/{x}/{y}").picture(1, 0, 0) == png(7)


def test_an_old_tile_is_asked_for_again(service: Upstream, tmp_path: Path) -> None:
    made(service, tmp_path).picture(1, 0, 0)
    (path,) = kept(tmp_path)
    os.utime(path, (0, 0))
    service.body = png(7)
    assert made(service, tmp_path).picture(1, 0, 0) == png(7)


def test_an_old_tile_is_shown_when_the_service_fails(service: Upstream, tmp_path: Path) -> None:
    made(service, tmp_path).picture(1, 0, 0)
    (path,) = kept(tmp_path)
    os.utime(path, (0, 0))
    service.status = 500
    assert made(service, tmp_path).picture(1, 0, 0) == png(9)


def test_a_tile_the_service_does_not_have_is_remembered_as_missing(
    service: Upstream, tmp_path: Path
) -> None:
    service.status = 404
    asking = made(service, tmp_path)
    assert [asking.picture(1, 0, 0), asking.picture(1, 0, 0)] == [None, None]
    assert len(service.asked) == 1


@pytest.mark.parametrize("body", [b"<ServiceException>no key</ServiceException>", b"<script>"])
def test_an_answer_that_is_no_picture_is_neither_shown_nor_kept(
    service: Upstream, tmp_path: Path, body: bytes
) -> None:
    service.body = body
    assert made(service, tmp_path).picture(1, 0, 0) is None
    assert kept(tmp_path) == []


def test_a_picture_too_large_to_be_a_tile_is_not_taken(
    service: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_service, "MAX_BYTES", 10)
    assert made(service, tmp_path).picture(1, 0, 0) is None


def test_the_server_goes_to_no_other_address_than_the_configured_one(
    service: Upstream, tmp_path: Path
) -> None:
    with upstream() as other:
        service.status = 302
        service.headers = {"Location": f"{other.address}/1/0/0.png"}
        assert made(service, tmp_path).picture(1, 0, 0) is None
        assert other.asked == []


def test_a_service_that_fails_is_left_alone_for_a_while(
    service: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status = 503
    asking = made(service, tmp_path)
    assert [asking.picture(1, 0, 0), asking.picture(1, 1, 0)] == [None, None]
    assert len(service.asked) == 1
    service.status = 200
    monkeypatch.setattr(asking, "_resting_until", 0.0)
    assert asking.picture(1, 1, 0) == png(9)


def test_the_log_of_a_failure_does_not_tell_the_key(
    service: Upstream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.status = 403
    made(service, tmp_path, "/{z}/{x}/{y}?tk=secret").picture(1, 0, 0)
    assert "127.0.0.1" in caplog.text
    assert "secret" not in caplog.text


def test_a_service_nobody_runs_gives_no_tile(tmp_path: Path) -> None:
    with upstream() as gone:
        pass
    assert made(gone, tmp_path).picture(1, 0, 0) is None


def test_a_tile_that_cannot_be_kept_is_shown_all_the_same(
    service: Upstream, tmp_path: Path
) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    assert made(service, blocked).picture(1, 0, 0) == png(9)
