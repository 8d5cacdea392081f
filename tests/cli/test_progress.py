import pytest

from gridmgmt.cli.progress import progress_bar


def test_steps_are_shown_on_stderr_and_nothing_on_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A captured stream is no terminal; this makes it pass for one.
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar() as progress:
        progress("reading", 0, 0)
        progress("storing", 500, 1_000)
        progress("storing", 1_000, 1_000)
    told = capsys.readouterr()
    assert told.out == ""
    assert "storing" in told.err
    assert "1000/1000" in told.err
