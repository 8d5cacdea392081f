import socket
import threading
import time
from collections.abc import Iterator

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.exchange.reading.frames import CutError, End, Receiver, send, send_end

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@given(json_values)
def test_what_is_sent_is_what_comes(value: object) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(theirs, value)
        send_end(theirs, {"how": value})
        receiver = Receiver(ours, 10)
        assert receiver.next() == value
        assert receiver.next() == End({"how": value})


def test_half_characters_arrive(ends: tuple[socket.socket, socket.socket]) -> None:
    send(ends[1], ["\udc80", "名\ud800"])
    assert Receiver(ends[0], 10).next() == ["\udc80", "名\ud800"]


def test_tables_arrive_with_two_columns_of_one_name(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    table = pyarrow.table([pyarrow.array([1, None]), pyarrow.array([b"a", b""])], ["x", "x"])
    send(ends[1], table)
    assert Receiver(ends[0], 10).next().equals(table)


def test_a_sender_waits_until_what_it_sent_is_taken(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    large = ["x" * 1_000] * 5_000
    sender = threading.Thread(target=send, args=(ends[1], large))
    sender.start()
    time.sleep(0.2)
    assert sender.is_alive()
    assert Receiver(ends[0], 10).next() == large
    sender.join(10)
    assert not sender.is_alive()


@pytest.mark.parametrize(
    "sent", [b"", b"J", b"X" + bytes(8), b"J" + b"\xff" * 8, b"J" + bytes(7) + b"\x05[1,2"]
)
def test_what_is_no_whole_frame_is_told(
    ends: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    ends[1].sendall(sent)
    ends[1].shutdown(socket.SHUT_WR)
    with pytest.raises(CutError):
        Receiver(ends[0], 10).next()


def test_patience_counts_waiting_and_not_the_callers_own_time(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    receiver = Receiver(ends[0], 0.5)
    send(ends[1], 1)
    time.sleep(0.7)
    assert receiver.next() == 1
    with pytest.raises(TimeoutError):
        receiver.next()
