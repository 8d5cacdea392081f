"""The key that signs sessions and forms."""

import os
import secrets

from gridmgmt.settings import Settings

_FILE = "secret-key"


def find(settings: Settings) -> str:
    """Return the deployment's key: the one it set, else one made once and kept in its home."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / _FILE
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        # Whoever comes first writes it whole under another name; a link cannot be made twice.
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
