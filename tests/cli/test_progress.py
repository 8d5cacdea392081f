import pytest

from gridmgmt.cli.progress import progress_bar


def test_steps_are_shown_on_stderr_and_nothing_on_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_bar() as progress:
        progress("reading", 0, 0)
        progress("storing", 500, 1_000)
        progress("storing", 1_000, 1_000)
    told = capsys.readouterr()
    assert told.out == ""
    assert "storing" in told.err
