from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let commands write problems and rejected rows into a folder of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
