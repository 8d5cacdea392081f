"""The program as a wheel: built, installed into an environment of its own, and used."""

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.serving_program import Serving
from tests.folders import passable_folder

# Installing what it depends on takes a minute, and several where others work too.
pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
NO_PART = (".git", ".venv", ".gridmgmt", "node_modules", "tests", "build", "*.egg-info")


def run(*command: str | Path, home: Path | None = None) -> str:
    """Run a command from elsewhere, where the clone is not found by chance."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("GRIDMGMT_", "PYTHON"))}
    if home is not None:
        environ["GRIDMGMT_HOME"] = str(home)
    done = subprocess.run(
        command, env=environ, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def pip(python: str | Path, *words: str | Path) -> None:
    run(python, "-m", "pip", "--disable-pip-version-check", "--quiet", *words)


def copy_of_the_clone(folder: Path) -> Path:
    ignored = shutil.ignore_patterns(*NO_PART)
    return shutil.copytree(ROOT, folder / "source", ignore=ignored, symlinks=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command; nothing of the clone is in its environment."""
    folder = tmp_path_factory.mktemp("wheel")
    source, bare = copy_of_the_clone(folder), folder / "bare"
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source)
    run(sys.executable, "-m", "venv", bare)
    pip(
        bare / "bin" / "python",
        "install",
        "-c",
        ROOT / "constraints.txt",
        *folder.glob("*.whl"),
    )
    return bare / "bin" / "gridmgmt"


@pytest.fixture(scope="module")
def home(program: Path) -> Iterator[Path]:
    with passable_folder() as folder:
        run(program, "db", "up", home=folder / "home")
        yield folder / "home"
        run(program, "db", "down", home=folder / "home")


def test_it_makes_its_database_and_serves_its_pages(program: Path, home: Path) -> None:
    assert "from nothing to" in run(program, "db", "migrate", home=home)
    assert "street" in run(program, "level", "list", home=home)
    environ = {**os.environ, "GRIDMGMT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [program, "serve", "--port", "0"]
    with subprocess.Popen(
        command,
        env=environ,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            serving = Serving(process)
            page = f"http://127.0.0.1:{serving.port}/login"
            with urllib.request.urlopen(page, timeout=60) as answer:
                text = answer.read().decode()
            assert "登录" in text
            style = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
            assert style.startswith("/static/")
            with urllib.request.urlopen(page.replace("/login", style), timeout=60) as answer:
                assert answer.status == 200
        finally:
            process.terminate()
            process.wait(40)


def test_it_builds_the_sample_city(program: Path, home: Path) -> None:
    said = run(program, "demo", "--no-serve", "--size", "small", home=home)
    assert "district 990101" in said
    assert "gridmgmt edition show 1" in said


def test_a_wheel_without_browser_libraries_is_not_built(tmp_path: Path) -> None:
    source = copy_of_the_clone(tmp_path)
    shutil.rmtree(source / "web" / "static" / "vendor")
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, source]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *build], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "web/static/vendor/stamp is not there: type make setup" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))
