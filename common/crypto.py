"""Secrets at rest: encrypted with a key derived from the installation's secret key."""

import base64
import hashlib
from functools import lru_cache

import orjson
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class UnreadableSecret(ValueError):
    """The stored text was encrypted with another secret key, or is damaged."""


@lru_cache(maxsize=4)
def _fernet(secret_key: str) -> Fernet:
    digest = hashlib.sha256(b"flowdesk.secrets:" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypt(text: str) -> str:
    """Return ``text`` in a form that only this installation can read."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """
    Return what ``encrypt`` was given.

    :raises UnreadableSecret: FLOWDESK_SECRET_KEY is not the one it was encrypted with.
    """
    try:
        return _fernet(settings.SECRET_KEY).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret("A stored secret cannot be read with this FLOWDESK_SECRET_KEY") from error


def encrypt_json(value: object) -> str:
    """``encrypt`` for a JSON value."""
    return encrypt(orjson.dumps(value).decode())


def decrypt_json(stored: str) -> object:
    """``decrypt`` for a JSON value; an empty text is an empty object."""
    return orjson.loads(decrypt(stored)) if stored else {}
