"""Where the real data for tests lie, beside the project and never inside it."""

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return a file of the real data, or skip the test where they are absent."""
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"the real data are not here: {path} (they are no part of the project)")
    return path
