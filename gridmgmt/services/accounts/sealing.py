"""Keeping secrets that must be read again: encrypted with a key made of the deployment's."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Closes and opens secrets for one purpose.

    Each purpose has a key of its own, so that what is sealed for one never opens as another.
    Who a secret belongs to is sealed with it: moved to somebody else's row it does not open.
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        made = HKDF(SHA256(), length=32, salt=None, info=f"gridmgmt {purpose}".encode())
        self._fernet = Fernet(urlsafe_b64encode(made.derive(secret_key.encode())))

    def close(self, owner: str, secret: str) -> str:
        """Encrypt a secret of somebody."""
        return self._fernet.encrypt(json.dumps([owner, secret]).encode()).decode("ascii")

    def open(self, owner: str, sealed: str, *, within: timedelta | None = None) -> str | None:
        """Decrypt a secret of somebody.

        None when it is not theirs, was sealed under another key, was tampered with, or, where
        ``within`` is given, was sealed longer ago.
        """
        ttl = None if within is None else int(within.total_seconds())
        try:
            whose, secret = json.loads(self._fernet.decrypt(sealed, ttl=ttl))
        except InvalidToken:
            return None
        return str(secret) if whose == owner else None
