"""The panel's own accounts: what it remembers, what must be unique, how a password is kept.

Like the real panel it knows no idempotency key: two accounts may carry the same billing id, so that a caller who retries
without looking is found out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from nextbill_simulators.chassis import Document, Store, World
from nextbill_simulators.nextpanel.shapes import NewAccount, Provision

FIRST_ID = 1001
PAGE_SIZE = 50
TOKEN_LIFETIME = timedelta(seconds=60)
# Cheap on purpose: a sandbox hashes so that no plain password is kept, not to withstand a stolen file.
SCRYPT_COST = 2**10


class Conflict(Exception):
    """Something that must be unique is taken; the message is the panel's `detail`."""


class Full(Exception):
    """The server holds as many accounts as it may."""


class Accounts:
    def __init__(self, world: World) -> None:
        self._world = world
        self._store: Store = world.store
        self._most = int(world.options.get("max_accounts", "0"))

    def create(self, order: NewAccount) -> Document:
        metadata = order.metadata
        limits = metadata.get("limits")
        return self._insert(
            {
                "username": order.username,
                "email": order.email.lower(),
                "full_name": order.full_name,
                "phone": order.phone,
                "company": order.company,
                "package_id": order.package_id,
                "billing_id": order.billing_id,
                "license_key": metadata.get("license_key"),
                "limits": limits if isinstance(limits, dict) else {},
                "metadata": metadata,
            },
            password=order.password,
        )

    def provision(self, order: Provision) -> tuple[Document, str]:
        """The account for a license key, and the password that the panel made up for it."""
        if self._store.find("account", license_key=order.license_key):
            raise Conflict("License already provisioned")
        password = secrets.token_urlsafe(12)
        account = self._insert(
            {
                "username": self._free_username(order.email),
                "email": order.email.lower(),
                "full_name": order.email,
                "phone": None,
                "company": None,
                "package_id": order.plan,
                "billing_id": None,
                "license_key": order.license_key,
                "limits": order.features.model_dump(),
                "metadata": {},
            },
            password=password,
        )
        return account, password

    def _insert(self, facts: Document, *, password: str) -> Document:
        with self._store.transaction():
            if self._store.find("account", username=facts["username"]):
                raise Conflict("Username already taken")
            if self._store.find("account", email=facts["email"]):
                raise Conflict("Email already taken")
            if self._most and self._store.count("account") >= self._most:
                raise Full
            number = self._store.next_number("account", FIRST_ID)
            account = {
                "id": number,
                **facts,
                "status": "active",
                "suspend_reason": None,
                "password_hash": _hashed(password),
                "created_at": self._world.clock.now().isoformat(),
                "last_login": None,
                "usage": {"domains": 0, "databases": 0, "emails": 0, "certificates": 0, "storage": 0},
            }
            return self._store.put("account", str(number), account)

    def _free_username(self, email: str) -> str:
        stem = "".join(c for c in email.partition("@")[0].lower() if c.isascii() and c.isalnum()).lstrip("0123456789")[:12] or "user"
        stem = stem.ljust(3, "x")
        taken = {account["username"] for account in self.all()}
        return stem if stem not in taken else next(name for n in range(2, len(taken) + 3) if (name := f"{stem}{n}") not in taken)

    def all(self) -> list[Document]:
        return self._store.find("account")

    def deleted(self) -> list[Document]:
        return self._store.find("deleted")

    def page(self, number: int) -> list[Document]:
        first = (number - 1) * PAGE_SIZE
        return self.all()[first : first + PAGE_SIZE]

    def get(self, key: str) -> Document | None:
        return self._store.get("account", key)

    def find(self, **facts: str) -> Document | None:
        found = self._store.find("account", **facts)
        return found[0] if found else None

    def change(self, account: Document, **facts: Any) -> Document:
        return self._store.put("account", str(account["id"]), {**account, **facts})

    def set_password(self, account: Document, password: str) -> Document:
        return self.change(account, password_hash=_hashed(password))

    def delete(self, account: Document) -> None:
        with self._store.transaction():
            self._store.delete("account", str(account["id"]))
            self._store.put("deleted", str(account["id"]), {**account, "status": "deleted", "deleted_at": self._world.clock.now().isoformat()})

    def log_in(self, username: str, password: str) -> Document | None:
        account = self.find(username=username.strip().lower())
        if account is None or not _matches(password, account["password_hash"]):
            return None
        return self._seen(account)

    def issue_token(self, account: Document) -> tuple[str, datetime]:
        token = secrets.token_urlsafe(32)
        expires_at = self._world.clock.now() + TOKEN_LIFETIME
        digest = hashlib.sha256(token.encode()).hexdigest()
        self._store.put("token", digest, {"account": str(account["id"]), "expires_at": expires_at.isoformat()})
        return token, expires_at

    def redeem_token(self, token: str) -> Document | None:
        """Once, and in time."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = self._store.get("token", digest)
        self._store.delete("token", digest)
        if found is None or datetime.fromisoformat(found["expires_at"]) < self._world.clock.now():
            return None
        account = self.get(found["account"])
        return self._seen(account) if account else None

    def _seen(self, account: Document) -> Document:
        return self.change(account, last_login=self._world.clock.now().isoformat())


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(password, salt).hex()}"


def _matches(password: str, stored: str) -> bool:
    salt, _, digest = stored.partition(":")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), digest)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1)
