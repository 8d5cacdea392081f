import dataclasses
import socket
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.cli.serving.needs import address_of, environment, free_port, listen, port_of
from gridmgmt.cli.serving.processes import Restarts
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings


def test_another_process_reads_the_same_settings(tmp_path: Path) -> None:
    table = tmp_path / "crs.csv"
    table.write_text("name,definition\n")
    tiles = tmp_path / "city.mbtiles"
    tiles.touch()
    settings = Settings(
        home=tmp_path / "home",
        database_url="postgresql://somebody@/a?host=/a%20b",
        tz=ZoneInfo("America/Chicago"),
        snap_m=0.5,
        on_time_classes=(70.0, 85.5),
        crs_table=table,
        base_map=str(tiles),
        https=True,
        proxies=2,
        actor="somebody",
    )
    changed = [
        field.name
        for field in dataclasses.fields(Settings)
        if getattr(settings, field.name) != getattr(Settings(home=tmp_path), field.name)
    ]
    assert len(changed) > 7
    assert Settings.from_env(environment(settings)) == settings
    plain = Settings(home=tmp_path)
    assert Settings.from_env(environment(plain)) == plain


def test_a_port_is_taken_before_anything_is_started() -> None:
    with listen("127.0.0.1", 0) as first:
        port = port_of(first)
        with pytest.raises(InputError, match="is free"):
            listen("127.0.0.1", port)
        assert free_port("127.0.0.1", port) != port


def test_the_last_port_there_is_still_leads_to_a_free_one() -> None:
    assert 0 < free_port("127.0.0.1", 65_536) < 65_536


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
    ],
)
def test_an_address_is_shown_as_it_is_typed(host: str, shown: str) -> None:
    assert address_of(host, 80) == shown


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine speaks no IPv6")
def test_ipv6_is_served_too() -> None:
    try:
        with listen("::1", 0) as listening:
            assert port_of(listening) > 0
    except InputError:
        pytest.skip("this machine has no IPv6 address")


def test_a_process_that_ends_at_once_is_started_later_each_time() -> None:
    restarts = Restarts()
    now = 1000.0
    waits = []
    for _ in range(8):
        restarts.note_start(now)
        now += 1
        waits.append(restarts.note_end(now))
        assert restarts.due == now + waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    restarts.note_start(now)
    assert restarts.due is None
    assert restarts.note_end(now + 3600) == 1
