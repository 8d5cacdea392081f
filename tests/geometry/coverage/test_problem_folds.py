from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.coverage.problem_folds import FEW, by_kind, fold


def problem(
    amount: float | None,
    kind: ProblemKind = ProblemKind.OVERLAP,
    severity: Severity = Severity.WARNING,
    level: str = "cell",
) -> Problem:
    return Problem(kind, severity, level, ("A",), amount, "m2", None, "told")


def test_overlaps_within_the_tolerance_become_one_counted_line() -> None:
    small = [problem(0.001 * n) for n in range(1, 1313)]
    large = problem(53.0, severity=Severity.ERROR)
    kept, [one] = fold([large, *small])
    assert kept == [large]
    assert one.count == 1312
    assert one.sentence == "cell level: 1,312 overlaps below the tolerance, the largest 1.31 m²"


def test_levels_and_kinds_are_counted_apart() -> None:
    found = [problem(0.1, level=level) for level in ("street", "cell") for _ in range(FEW + 1)]
    for kind in (ProblemKind.GAP, ProblemKind.OUTSIDE_PARENT):
        found += [problem(0.2, kind) for _ in range(FEW + 1)]
    kept, folds = fold(found)
    assert kept == []
    assert [one.sentence for one in folds] == [
        "street level: 4 overlaps below the tolerance, the largest 0.1 m²",
        "cell level: 4 overlaps below the tolerance, the largest 0.1 m²",
        "cell level: 4 gaps below the tolerance, the largest 0.2 m²",
        "cell level: 4 overhangs below the tolerance, the largest 0.2 m²",
    ]


def test_a_few_and_what_has_no_tolerance_are_shown_one_by_one() -> None:
    few = [problem(0.1) for _ in range(FEW)]
    enclaves = [problem(9e6, ProblemKind.ENCLAVE) for _ in range(9)]
    codes = [problem(None, ProblemKind.MALFORMED_CODE) for _ in range(9)]
    assert fold([*few, *enclaves, *codes]) == ([*few, *enclaves, *codes], [])


def test_few_problems_are_all_shown_by_kind() -> None:
    found = [problem(0.1), problem(9.0, severity=Severity.ERROR), problem(0.2)]
    groups = by_kind(found)
    assert [(one.examples, one.count, one.more) for one in groups] == [
        ((found[1],), 1, 0),
        ((found[0], found[2]), 2, 0),
    ]
    assert by_kind([]) == ()


def test_of_many_problems_some_of_each_kind_are_shown_what_blocks_first() -> None:
    gaps = [problem(0.1, ProblemKind.GAP) for _ in range(30)]
    overlaps = [problem(9.0, severity=Severity.ERROR) for _ in range(4)]
    streets = [problem(0.1, ProblemKind.GAP, level="street") for _ in range(40)]
    groups = by_kind([*gaps, *overlaps, *streets])
    assert [(one.examples[0].level, one.examples[0].severity, one.count) for one in groups] == [
        ("cell", Severity.ERROR, 4),
        ("street", Severity.WARNING, 40),
        ("cell", Severity.WARNING, 30),
    ]
    assert [(len(one.examples), one.more) for one in groups] == [(3, 1), (3, 37), (3, 27)]
