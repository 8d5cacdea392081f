"""The program as it is installed, away from its clone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]
PARTS = ("gridmgmt", "migrations", "web", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with what the wheel holds, which was built from a copy of the clone."""
    copy = tmp_path / "copy"
    copy.mkdir()
    left_out = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in PARTS:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, copy / name, ignore=left_out)
        else:
            shutil.copy(part, copy)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(copy)],
        check=True,
    )
    (wheel,) = tmp_path.glob("gridmgmt-*.whl")
    folder = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_an_installed_program_makes_its_database_and_works_on_it(
    installed: Path, empty_database_url: str, tmp_path: Path
) -> None:
    env = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "GRIDMGMT_DATABASE_URL": empty_database_url,
        "GRIDMGMT_HOME": str(tmp_path / "home"),
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", *command],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert str(installed) in run("-c", "import gridmgmt; print(gridmgmt.__file__)")
    assert "from nothing to" in run("-m", "gridmgmt", "db", "migrate")
    assert "street" in run("-m", "gridmgmt", "level", "list")
