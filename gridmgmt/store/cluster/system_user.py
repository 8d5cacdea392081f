"""The system user without privileges who owns a private cluster and runs its processes."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.errors import ClusterError
from gridmgmt.store.cluster.programs import clean_environment

_CREATED = "gridmgmt"


@dataclass(frozen=True)
class SystemUser:
    """A system user; commands run with the rights of this user only."""

    name: str
    uid: int
    gid: int

    def run(
        self, command: Sequence[str], *, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, in the folder ``/``.

        Nobody else can read the files it makes.
        """
        other = self.uid != os.geteuid()
        try:
            return subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                text=True,
                # This user may not be allowed to enter the caller's folder.
                cwd="/",
                env=clean_environment(),
                user=self.uid if other else None,
                group=self.gid if other else None,
                extra_groups=[] if other else None,
                umask=0o077,
                # A Ctrl-C in the caller's terminal must not reach the server.
                start_new_session=True,
                check=False,
            )
        except PermissionError as error:
            message = f"cannot run {command[0]} as the system user {self.name}: {error}"
            raise ClusterError(message) from error

    def write(self, path: Path, text: str) -> None:
        """Write a file as this user.

        Root would follow a symbolic link that another user put in the folder.
        """
        done = self.run(["/bin/sh", "-c", 'cat > "$1"', "sh", str(path)], stdin=text)
        if done.returncode:
            message = f"cannot write {path}: {done.stderr.strip()}"
            raise ClusterError(message)

    def make_folder(self, path: Path) -> None:
        """Make a folder that only this user may enter.

        Raises
        ------
        OSError
            when it exists or cannot be made
        """
        path.mkdir(mode=0o700)
        path.chmod(0o700)
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def holds(self, path: Path) -> bool:
        """Return whether this user owns a folder, can reach it and can write into it."""
        # Some mounted file systems accept chmod and ignore it. PostgreSQL then refuses the
        # folder.
        if path.stat().st_mode & 0o077:
            return False
        probe = 'test -O "$1" && made=$(mktemp -d "$1/.probe.XXXXXX") && rmdir "$made"'
        return self.run(["/bin/sh", "-c", probe, "sh", str(path)]).returncode == 0


def choose_owner(data: Path) -> SystemUser:
    """Return the user who is to own the cluster in a folder.

    This is the owner of the folder, or else a user without privileges. Root uses ``postgres``,
    or a system user made for this purpose if ``postgres`` does not exist.

    Raises
    ------
    ClusterError
        when the folder belongs to somebody else, or there is no user without privileges
    """
    me = os.geteuid()
    try:
        uid = data.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:
        return _by_uid(me) if me else _unprivileged()
    except PermissionError:
        uid = None
    if uid is None or me not in (0, uid):
        whose = "another user" if uid is None else f"the user {_by_uid(uid).name}"
        message = f"the private cluster in {data} belongs to {whose}: use sudo, or that user"
        raise ClusterError(message)
    if uid == 0:
        message = f"{data} belongs to root, and PostgreSQL refuses to run as root"
        raise ClusterError(message)
    return _by_uid(uid)


def _by_uid(uid: int) -> SystemUser:
    try:
        known = pwd.getpwuid(uid)
    except KeyError:  # a user with a number but no name, as in containers
        return SystemUser(str(uid), uid, os.getegid() if uid == os.geteuid() else uid)
    return SystemUser(known.pw_name, known.pw_uid, known.pw_gid)


def _unprivileged() -> SystemUser:
    for name in ("postgres", _CREATED):
        try:
            return _by_uid(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    return _create()


def _create() -> SystemUser:
    command = ["useradd", "--system", "--no-create-home", "--shell=/usr/sbin/nologin", _CREATED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return _by_uid(pwd.getpwnam(_CREATED).pw_uid)
    except (FileNotFoundError, KeyError) as error:
        reason = error if isinstance(error, FileNotFoundError) else done.stderr.strip()
        message = (
            "PostgreSQL refuses to run as root and there is no user to drop to "
            f"({reason}); make one with: {' '.join(command)}"
        )
        raise ClusterError(message) from error
