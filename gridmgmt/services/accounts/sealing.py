"""Encrypt secrets that must be read again, with a key derived from the deployment's key."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Encrypts and decrypts secrets for one purpose.

    Each purpose has its own key, so a secret sealed for one purpose never opens for another.
    The owner is sealed with the secret: moved to another person's row it does not open.
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        made = HKDF(SHA256(), length=32, salt=None, info=f"gridmgmt {purpose}".encode())
        self._fernet = Fernet(urlsafe_b64encode(made.derive(secret_key.encode())))

    def close(self, owner: str, secret: str) -> str:
        """Encrypt a secret of an owner."""
        return self._fernet.encrypt(json.dumps([owner, secret]).encode()).decode("ascii")

    def open(self, owner: str, sealed: str, *, within: timedelta | None = None) -> str | None:
        """Decrypt a secret of an owner.

        Return None if it belongs to somebody else, was sealed with another key, was changed, or
        was sealed longer ago than ``within``.
        """
        ttl = None if within is None else int(within.total_seconds())
        try:
            whose, secret = json.loads(self._fernet.decrypt(sealed, ttl=ttl))
        except InvalidToken:
            return None
        return str(secret) if whose == owner else None
