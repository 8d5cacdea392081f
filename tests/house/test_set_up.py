import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest

from tests.conftest import LONGEST, ByCity

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"([A-Za-z0-9_.-]+)==[0-9][A-Za-z0-9.+]*")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> set[str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found = [PIN.fullmatch(line) for line in lines if not line.startswith("#")]
    assert None not in found
    return {plain(pin.group(1)) for pin in found if pin}


def required(package: str) -> set[str]:
    names = [re.match(r"[A-Za-z0-9_.-]+", line) for line in requires(package) or []]
    return {plain(name.group()) for name in names if name}


def test_everything_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    builds = [re.split(r"\W", line)[0] for line in project["build-system"]["requires"]]
    missing = (required("gridmgmt") | set(builds)) - pins()
    assert missing == set()


def test_continuous_integration_runs_the_tests_and_then_the_proof() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    commands = [line for line in lines if not line.startswith("#")]
    assert commands == ["set -e", "make test", "make proof"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert os.access(ROOT / ".ci" / "set-up", os.X_OK)


def test_the_tests_leave_out_what_is_long_and_the_proof_runs_it() -> None:
    def runs(target: str) -> list[str]:
        done = subprocess.run(
            ["make", "-n", "-C", ROOT, target], capture_output=True, text=True, check=True
        )
        return [line for line in done.stdout.splitlines() if "/pytest " in line]

    assert len(runs("test")) == 2
    assert all("-m 'not proof'" in line for line in runs("test"))
    assert [line.split() for line in runs("proof") if " -m proof" in line] == [
        [".venv/bin/pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "proof"]
    ]


def test_the_longest_tests_are_where_the_order_names_them() -> None:
    order = ByCity.__new__(ByCity)
    for one in LONGEST:
        assert (ROOT / one).exists(), one
        tests = [ROOT / one] if one.endswith(".py") else (ROOT / one).glob("test_*.py")
        named = {order._split_scope(f"{path.relative_to(ROOT)}::test_x") for path in tests}
        assert named == {one}


def test_whatever_attacks_is_proof() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/attacks"]
    done = subprocess.run(
        [*command, "-m", "not proof"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "::" not in done.stdout, done.stdout


def test_clean_keeps_the_environment_and_every_clusters_data(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = [".venv/lib/__pycache__/a.pyc", ".gridmgmt/cluster/data/__pycache__/b", "a.py"]
    gone = ["__pycache__/a.pyc", "gridmgmt/x/__pycache__/b.pyc", ".mypy_cache/c", ".coverage"]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["make", "-s", "-C", tmp_path, "clean"], check=True)
    assert [name for name in kept if not (tmp_path / name).exists()] == []
    assert [name for name in gone if (tmp_path / name).exists()] == []


def said_by_install(path: str, **user: int) -> str:
    """What the set-up says when asked for a package that it has no means to install."""
    script = (ROOT / ".ci" / "set-up").read_text("utf-8").partition("# ---- do it")[0]
    code = f"{script}\nPATH={path}\ninstall_packages some-package"
    done = subprocess.run(
        ["/bin/bash", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        **user,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_a_system_without_apt_is_told_in_one_line_what_is_missing() -> None:
    said = said_by_install("/nowhere")
    assert said.count("\n") == 1
    assert "missing: some-package; this is not Debian" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as a user without rights")
def test_who_may_not_install_is_told_in_one_line_what_root_should_type() -> None:
    said = said_by_install("/usr/bin:/bin", user=65534, group=65534)
    assert said.count("\n") == 1
    assert "let root type: apt-get install --no-install-recommends some-package" in said
