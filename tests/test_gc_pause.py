import gc

import pytest

from gridmgmt.gc_pause import collect_rarely, gc_paused


@gc_paused()
def collecting(fail: bool = False) -> bool:
    if fail:
        message = "no"
        raise ValueError(message)
    return gc.isenabled()


@gc_paused()
def within() -> tuple[bool, bool]:
    return collecting(), gc.isenabled()


def test_garbage_is_looked_for_again_afterwards_whatever_happened() -> None:
    assert gc.isenabled()
    assert collecting() is False
    assert gc.isenabled()
    with pytest.raises(ValueError, match="no"):
        collecting(fail=True)
    assert gc.isenabled()


def test_a_block_is_without_it_too() -> None:
    with gc_paused():
        assert not gc.isenabled()
        assert within() == (False, False)
    assert gc.isenabled()


def test_who_looks_for_none_at_all_is_left_alone() -> None:
    assert within() == (False, False)
    assert gc.isenabled()


def test_a_program_collects_after_far_more_objects_than_python_would() -> None:
    ours = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)
        collect_rarely()
        assert gc.get_threshold() == (50_000, 10, 10)
    finally:
        gc.set_threshold(*ours)
