"""What a panel keeps between two starts: leases, the keys that prove them, how far the revocation feed was read, and which leases are void."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from nextpanel_license.errors import LeaseInvalid
from nextpanel_license.leases import Expected, Keys, Lease, read_lease

VERSION = 1
VOID_KEPT = 32 * 86400.0
"""Seconds for which a revocation is remembered: far longer than any lease lives."""

log = logging.getLogger("nextpanel_license")


def named(license_key: str) -> str:
    """How a license is called in files: its key is not written there."""
    return hashlib.sha256(b"nextpanel-license:" + license_key.strip().upper().encode()).hexdigest()


class Holdings:
    """Changed by any thread; each method is whole by itself."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self._lock = threading.RLock()
        self._leases: dict[str, Lease] = {}
        self._refused: dict[str, float] = {}
        """When billing refused a license as a whole, by its name: what was issued until then is void."""
        self._revoked: dict[str, tuple[int, float]] = {}
        """By license id: leases of an earlier revision are void; and when that was."""
        self._published: list[dict[str, Any]] = []
        self.keys_at = 0.0
        self.keys = Keys()
        self.keys_etag: str | None = None
        self.cursor: str | None = None
        self.feed_etag: str | None = None

    def lease(self, name: str, *, now: float) -> Lease | None:
        """The lease of a license, if one stands now: proven, in time, not revoked."""
        with self._lock:
            lease = self._leases.get(name)
            if lease is None or not lease.stands(now, self.keys) or self._is_void(name, lease):
                return None
            return lease

    def last_end(self, name: str) -> float | None:
        """When the last lease of a license ended or will end, whether it stands or not."""
        with self._lock:
            lease = self._leases.get(name)
            return None if lease is None else lease.expires_at

    def _is_void(self, name: str, lease: Lease) -> bool:
        return lease.issued_at <= self._refused.get(name, 0.0) or lease.revision < self._revoked.get(lease.license_id, (0, 0.0))[0]

    def put(self, name: str, lease: Lease) -> None:
        with self._lock:
            held = self._leases.get(name)
            if held is None or held.issued_at <= lease.issued_at or held.license_id != lease.license_id:
                self._leases[name] = lease

    def refuse(self, name: str, until: float) -> bool:
        """True where that changed something."""
        with self._lock:
            if self._refused.get(name, 0.0) >= until:
                return False
            self._refused[name] = until
            return True

    def revoke(self, license_id: str, revision: int, at: float) -> None:
        with self._lock:
            self._revoked[license_id] = max(self._revoked.get(license_id, (0, 0.0)), (revision, at))

    def publish(self, published: list[dict[str, Any]], etag: str | None, *, at: float) -> None:
        """Billing's keys as they were then. A lease whose key is gone no longer stands."""
        with self._lock:
            if at >= self.keys_at:
                self._published, self.keys, self.keys_etag, self.keys_at = published, Keys.of(published), etag, at

    @property
    def any_lease(self) -> bool:
        with self._lock:
            return bool(self._leases)

    def names(self) -> list[str]:
        with self._lock:
            return list(self._leases)

    def text(self, *, now: float) -> str:
        """For the file. Leases that are over and revocations that no lease can outlive are left out."""
        with self._lock:
            kept = {
                "version": VERSION,
                "keys": self._published,
                "keys_etag": self.keys_etag,
                "keys_at": self.keys_at,
                "cursor": self.cursor,
                "feed_etag": self.feed_etag,
                "refused": {name: until for name, until in self._refused.items() if until > now - VOID_KEPT},
                "revoked": {license_id: place for license_id, place in self._revoked.items() if place[1] > now - VOID_KEPT},
                "leases": {
                    name: lease.token for name, lease in self._leases.items() if lease.stands(now, self.keys) and not self._is_void(name, lease)
                },
            }
        return json.dumps(kept, indent=1)

    def take(self, text: str, *, now: float) -> None:
        """Takes in a file, ours of an earlier start or another process's: the newer of each. What does not prove itself is left out."""
        try:
            told = json.loads(text)
            if told["version"] != VERSION:
                raise ValueError
            refused = {str(name): float(until) for name, until in told["refused"].items()}
            revoked = {str(license_id): (int(revision), float(at)) for license_id, (revision, at) in told["revoked"].items()}
            leases = {str(name): str(token) for name, token in told["leases"].items()}
            published = [dict(key) for key in told["keys"]]
            keys_at = min(now, float(told["keys_at"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            log.warning("The lease file can't be read; starting without it. Leases come anew with the next answers.")
            return
        with self._lock:
            self._take_feed(told, published, keys_at)
            for name, until in refused.items():
                self.refuse(name, until)
            for license_id, (revision, at) in revoked.items():
                self.revoke(license_id, revision, at)
            for name, token in leases.items():
                self._take_lease(name, token, now)

    def _take_feed(self, told: Mapping[str, Any], published: list[dict[str, Any]], keys_at: float) -> None:
        self.publish(published, told.get("keys_etag"), at=keys_at)
        if self.cursor is None and isinstance(told.get("cursor"), str):
            self.cursor, self.feed_etag = told["cursor"], told.get("feed_etag")

    def _take_lease(self, name: str, token: str, now: float) -> None:
        held = self._leases.get(name)
        if held is not None and held.token == token:
            return
        try:
            self.put(name, read_lease(token, keys=self.keys, expected=self.expected, now=now))
        except LeaseInvalid as error:
            log.info("A kept lease is left out: %s", error)
