"""A short run of mutated files through the reader; ``fuzz_reader`` makes the long one."""

from tests.attacks.fuzz_reader import SLOW_S, Figures, report, run


def test_mutated_files_are_read_or_refused_and_leave_nothing() -> None:
    found = run(count=600, per_batch=300, at_once=2)
    told = report(found, 0)
    assert found.files == 600
    assert found.left == [], told
    assert found.faults == {}, told
    assert found.growth_kb < 2_000, told
    kinds = {name.partition(": ")[2].partition(":")[0] for name in found.outcomes}
    assert kinds == {"read", "refused"}, told
    read = sum(count for name, count in found.outcomes.items() if name.endswith("read"))
    assert read > 60, "some mutations leave a file readable"
    assert found.slowest_s < 10 * SLOW_S, told


def test_what_is_left_and_what_is_no_refusal_is_reported() -> None:
    figures = Figures(left=["processes ['7']"], faults={"xlsx: no": "1/2 a.xlsx"})
    figures.outcomes["xlsx: library fault"] = 3
    told = report(figures, 1)
    assert "left: processes ['7']" in told
    assert "3  library fault" in told
    assert "1/2 a.xlsx: xlsx: no" in told
