"""Find PostgreSQL's own programs and run them in a clean environment."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.errors import ClusterError, StoreError

_REMEDY = "install them with: apt-get install postgresql-15-postgis-3"


@dataclass(frozen=True)
class Programs:
    """The server programs of one PostgreSQL major version that has PostGIS."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """Return the path of one program, such as ``initdb``."""
        return str(self.folder / name)


def find_programs(major: int | None = None, *, usr: Path = Path("/usr")) -> Programs:
    """Find the newest PostgreSQL that has PostGIS, or that of one major version.

    Raises
    ------
    ClusterError
        naming what to install
    """
    found = [
        Programs(folder, int(folder.parent.name))
        for folder in usr.glob("lib/postgresql/*/bin")
        if folder.parent.name.isdigit() and _complete(folder, usr)
    ]
    chosen = [programs for programs in found if major in (None, programs.major)]
    if chosen:
        return max(chosen, key=lambda programs: programs.major)
    if major is None:
        message = f"PostgreSQL with PostGIS is not installed; {_REMEDY}"
    else:
        message = (
            f"the cluster was made by PostgreSQL {major}, which is not installed with "
            f"PostGIS; install it with: apt-get install postgresql-{major}-postgis-3"
        )
    raise ClusterError(message)


def _complete(folder: Path, usr: Path) -> bool:
    control = usr / "share/postgresql" / folder.parent.name / "extension/postgis.control"
    return (folder / "initdb").exists() and (folder / "postgres").exists() and control.exists()


def clean_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment without variables that redirect or translate PostgreSQL.

    All ``PG…`` variables are removed (PGHOST, PGDATA, PGOPTIONS, PGSERVICE …). Messages are in
    English, whatever the language of the caller.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("PG", "LC_", "LANG"))
    }
    return {**kept, "LC_ALL": "C.UTF-8"}


def run_sql(programs: Programs, url: str, sql: str, variables: Mapping[str, str]) -> str:
    """Run SQL with psql in a clean environment and return the output.

    ``:"name"`` and ``:'name'`` in the SQL are quoted by psql from ``variables``.

    Raises
    ------
    ClusterError
        with the message of the server
    """
    given = [f"--set={name}={value}" for name, value in variables.items()]
    arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password"]
    command = [programs.path("psql"), *arguments, "--set=ON_ERROR_STOP=1", *given, url]
    done = run(command, stdin=sql)
    if done.returncode:
        message = f"the private cluster refused: {done.stderr.strip()}"
        raise ClusterError(message)
    return done.stdout.strip()


def run(
    command: Sequence[str],
    *,
    stdin: str = "",
    extra: Mapping[str, str] | None = None,
    private: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a program as the caller, in a clean environment plus ``extra``.

    With ``private`` False, the PG… variables of the caller stay.
    """
    environment = clean_environment() if private else {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        env={**environment, **(extra or {})},
        check=False,
    )


def client_program(name: str, *, usr: Path = Path("/usr")) -> str:
    """Return the newest psql, pg_dump or pg_restore; a newer one works with older servers too.

    Raises
    ------
    StoreError
        naming what to install
    """
    folders = [path for path in usr.glob("lib/postgresql/*/bin") if path.parent.name.isdigit()]
    found = [folder / name for folder in folders if (folder / name).exists()]
    if found:
        return str(max(found, key=lambda path: int(path.parent.parent.name)))
    elsewhere = shutil.which(name)
    if elsewhere is None:
        message = f"{name} is not installed; install it with: apt-get install postgresql-client"
        raise StoreError(message)
    return elsewhere


def forget_libpq_variables() -> None:
    """Delete the PG… variables of this process.

    They would redirect its connections.
    """
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
