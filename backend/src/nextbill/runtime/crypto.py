"""Secrets at rest: AES-256-GCM with key ids, bound to table, row and column; keyed hashes for look-ups; tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TOKEN_BYTES = 32


class CannotDecrypt(Exception):
    """The text was not made with our keys for this place: another row's, altered, or its key is gone."""


class FieldCipher:
    """Encrypts one field. Stored as `key id . base64(nonce + ciphertext)`; the first key encrypts, all decrypt."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    @classmethod
    def from_setting(cls, field_keys: str | None, secret_key: str) -> FieldCipher:
        """FIELD_KEYS is `id:base64,id:base64`, newest first; without it (sandbox only) the key is derived from SECRET_KEY."""
        if not field_keys:
            return cls({"k0": derive(secret_key, "field-encryption")})
        pairs = (pair.strip().partition(":") for pair in field_keys.split(","))
        keys = {key_id: base64.b64decode(material) for key_id, _, material in pairs}
        if any(len(key) != 32 for key in keys.values()):
            raise ValueError("FIELD_KEYS: each key is 32 bytes in base64, written id:key")
        return cls(keys)

    def encrypt(self, text: str, *, table: str, row: UUID, column: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(nonce, text.encode(), _place(table, row, column))
        return f"{self._current}.{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, *, table: str, row: UUID, column: str) -> str:
        key_id, _, body = stored.partition(".")
        key = self._keys.get(key_id)
        if key is None:
            raise CannotDecrypt(f"key {key_id} is not among FIELD_KEYS")
        raw = base64.b64decode(body)
        try:
            return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(table, row, column)).decode()
        except InvalidTag:
            raise CannotDecrypt(f"{table}.{column} of {row} was not encrypted for this place") from None


def derive(secret_key: str, purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256), so that no secret is used twice."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"nextbill:{purpose}".encode()).derive(secret_key.encode())


def keyed_hash(key: bytes, text: str) -> bytes:
    """HMAC-SHA256, for finding a secret that is stored encrypted."""
    return hmac.digest(key, text.encode(), "sha256")


def keyed(key: bytes) -> hmac.HMAC:
    """The beginning of every `keyed_hash` with one key, to be copied for each: setting up the key is most of the work."""
    return hmac.new(key, digestmod="sha256")


def new_token() -> tuple[str, bytes]:
    """A token of 256 bits for the holder, and its SHA-256 for us."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, token_hash(token)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _place(table: str, row: UUID, column: str) -> bytes:
    return f"{table}:{row}:{column}".encode()
