"""The key that signs sessions and forms."""

import os
import secrets

from gridmgmt.settings import Settings

_FILE = "secret-key"


def find(settings: Settings) -> str:
    """Return the deployment's key.

    It comes from the settings, or else it is made once and stored in the home.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / _FILE
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        # The first process writes the key under another name and links it: a link cannot be
        # made twice, so all processes use the same complete key.
        draft = path.with_name(f"{_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text("ascii")
