"""Stripe's idempotency: the first answer of a key is kept with its status, replayed for 24 hours, and bound to its parameters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe.errors import StripeError, invalid
from nextbill_simulators.stripe.sandbox import Sandbox

KIND = "idempotency_key"
KEPT_SECONDS = 24 * 3600


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(f"{method} {path}\n".encode() + b"&".join(sorted(body.split(b"&")))).hexdigest()


@dataclass
class Keys:
    """The keys in use right now live in memory only: a killed server has no request in progress."""

    sandbox: Sandbox
    _running: set[str] = field(default_factory=set)

    def recall(self, key: str, *, path: str, mark: str) -> Document | None:
        """The kept answer, None for a new key; raises on a key in use, used otherwise before, or too long."""
        if len(key) > 255:
            raise invalid("Idempotency keys can be at most 255 characters long.", param="Idempotency-Key")
        if key in self._running:
            raise in_use(key)
        kept = self.sandbox.store.get(KIND, key)
        if kept is None:
            return None
        if kept["at"] + KEPT_SECONDS <= self.sandbox.now():
            self.sandbox.store.delete(KIND, key)
            return None
        if kept["fingerprint"] != mark:
            raise _reused(key, path, kept)
        return kept

    def start(self, key: str) -> None:
        self._running.add(key)

    def stop(self, key: str) -> None:
        self._running.discard(key)

    def keep(self, key: str, *, path: str, mark: str, status: int, body: Document, request_id: str) -> None:
        facts = {"id": key, "path": path, "fingerprint": mark, "status": status, "body": body, "request_id": request_id, "at": self.sandbox.now()}
        self.sandbox.store.put(KIND, key, facts)


def in_use(key: str) -> StripeError:
    return StripeError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, "
        f"and the other request is still going through): {key}. Please try again later.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def _reused(key: str, path: str, kept: Document) -> StripeError:
    if path != kept["path"]:
        message = f"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' vs '{kept['path']}')."
    else:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
    return StripeError(400, f"{message} Try using a key other than '{key}' if you meant to execute a different request.", kind="idempotency_error")
