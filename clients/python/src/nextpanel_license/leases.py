"""Signed leases: checked against billing's public keys, and asked in place of billing while it can't be reached."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nextpanel_license.errors import LeaseInvalid
from nextpanel_license.shapes import Verdict

ALGORITHM, TYPE = "EdDSA", "license-lease+jwt"
NOT_BEFORE_LEEWAY = 60.0
"""Seconds that our clock may be behind without a fresh lease being refused. None at the other end: a lease is never used after `exp`."""

_CREATE = "create_"
_REQUIRED = ["iss", "sub", "iat", "nbf", "exp", "rev"]


class UnknownKey(LeaseInvalid):
    """Signed by a key that is not among those known: fetch the keys anew, once."""


@dataclass(frozen=True)
class Keys:
    """Billing's public keys, by their id."""

    by_id: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, published: Iterable[Mapping[str, Any]]) -> Keys:
        """From a JWKS. Anything but Ed25519 keys for signing is left out."""
        found = {}
        for key in published:
            fits = (
                key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and key.get("use", "sig") == "sig" and key.get("alg", ALGORITHM) == ALGORITHM
            )
            if fits and isinstance(key.get("kid"), str) and isinstance(key.get("x"), str):
                found[key["kid"]] = key["x"]
        return cls(found)

    def public(self, kid: str) -> Ed25519PublicKey:
        text = self.by_id.get(kid)
        if text is None:
            raise UnknownKey("The lease is signed by a key that billing does not publish.")
        try:
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except ValueError as error:
            raise LeaseInvalid("Billing publishes a key that is none.") from error


@dataclass(frozen=True)
class Expected:
    """Whose leases count: of this issuer (billing's address), for this server where the panel knows its id."""

    issuer: str
    server_id: str | None = None


@dataclass(frozen=True)
class Lease:
    """What a license allows until `expires_at`. `revision` grows with each change. `limits` None: unlimited. `used` as of `issued_at`. Times: unix seconds."""

    license_id: str
    revision: int
    issued_at: float
    not_before: float
    expires_at: float
    server_id: str | None
    plan: str
    features: frozenset[str]
    limits: Mapping[str, int | None]
    used: Mapping[str, int]
    token: str = field(repr=False)
    kid: str = ""
    signed_by: str = field(default="", repr=False)
    """The public key itself, so that a lease falls with its key."""

    def stands(self, now: float, keys: Keys) -> bool:
        return self.not_before - NOT_BEFORE_LEEWAY <= now < self.expires_at and keys.by_id.get(self.kid) == self.signed_by

    def half_over(self, now: float) -> bool:
        return now >= self.issued_at + (self.expires_at - self.issued_at) / 2

    def resource_of(self, feature: str) -> str | None:
        """`create_database` counts as `databases`; any resource that the plan names has such a feature."""
        if not feature.startswith(_CREATE):
            return None
        noun = feature[len(_CREATE) :]
        return next((name for name in (f"{noun}s", noun) if name in self.limits), None)

    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires_at, timezone.utc)


def read_lease(token: str, *, keys: Keys, expected: Expected, now: float) -> Lease:
    """LeaseInvalid where anything is not as it must be; UnknownKey where only the key is missing."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != ALGORITHM or header.get("typ") != TYPE or not isinstance(header.get("kid"), str):
            raise LeaseInvalid("This is no lease: its header names another algorithm or type.")
        kid = str(header["kid"])
        options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        claims = jwt.decode(token, keys.public(kid), algorithms=[ALGORITHM], issuer=expected.issuer, options=options)
        lease = _lease(claims, token, kid, keys.by_id[kid])
    except jwt.InvalidIssuerError as error:
        wanted = f"The lease is not signed in the name of {expected.issuer}"
        raise LeaseInvalid(
            f"{wanted}: let base_url be the address that billing calls its own (API_URL), or name it by Settings(issuer=…)."
        ) from error
    except jwt.InvalidTokenError as error:
        raise LeaseInvalid(f"The lease does not hold: {error}.") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LeaseInvalid("The lease says something other than a lease says.") from error
    if not lease.stands(now, keys):
        raise LeaseInvalid("The lease has run out, or is not valid yet: is this machine's clock right?")
    if expected.server_id is not None and lease.server_id is not None and lease.server_id != expected.server_id:
        raise LeaseInvalid("The lease is another server's.")
    return lease


def _lease(claims: Mapping[str, Any], token: str, kid: str, signed_by: str) -> Lease:
    return Lease(
        license_id=str(claims["sub"]),
        revision=int(claims["rev"]),
        issued_at=float(claims["iat"]),
        not_before=float(claims["nbf"]),
        expires_at=float(claims["exp"]),
        server_id=None if claims.get("srv") is None else str(claims["srv"]),
        plan=str(claims["plan"]),
        features=frozenset(str(one) for one in claims["features"]),
        limits={str(name): None if limit is None else int(limit) for name, limit in claims["limits"].items()},
        used={str(name): int(used) for name, used in claims["used"].items()},
        token=token,
        kid=kid,
        signed_by=signed_by,
    )


def judge(lease: Lease, *, feature: str | None, used: int | None, now: float) -> Verdict:
    """What billing would have said, as far as the lease tells. `used`: how many of the feature's resource there are; None: as the lease has it.

    Whether the lease itself stands was asked before.
    """
    checked_at = datetime.fromtimestamp(now, timezone.utc)
    resource = None if feature is None else lease.resource_of(feature)
    if resource is None:
        if feature is not None and feature not in lease.features:
            return Verdict(False, "lease", checked_at, "unknown_feature", "The plan does not have this feature", remaining_quota=0)
        return Verdict(True, "lease", checked_at, plan=lease.plan, expires_at=lease.ends_at())
    remaining = remaining_of(lease, resource, used)
    if remaining == 0:
        error = f"{resource[:-1].capitalize() if resource.endswith('s') else resource.capitalize()} quota exceeded"
        return Verdict(False, "lease", checked_at, "quota_exceeded", error, resource, 0)
    return Verdict(True, "lease", checked_at, resource=resource, remaining_quota=remaining, plan=lease.plan, expires_at=lease.ends_at())


def remaining_of(lease: Lease, resource: str, used: int | None) -> int | None:
    """None where unlimited, never below zero."""
    limit = lease.limits[resource]
    return None if limit is None else max(0, limit - (lease.used.get(resource, 0) if used is None else used))
