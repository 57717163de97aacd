"""Access and refresh tokens: made and read. No database.

Access: JWT, HS256 and nothing else, checked against our Clock. Refresh: `nrt_<session>.<generation>.<mac>`, where the mac is derived from the
secret key and the session's salt. Nothing that is stored can be turned into a token without the key, the same successor can be given again,
and a forged generation is not a reuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from nextbill.capabilities.identity.errors import BadAccessToken, BadRefreshToken, TokenExpired
from nextbill.capabilities.identity.models import SessionRow
from nextbill.capabilities.identity.rules import ROLES, LoginId, RoleName, audience
from nextbill.runtime.crypto import derive
from nextbill.runtime.settings import Settings

ALGORITHM = "HS256"
_PREFIX = "nrt_"
_AUDIENCES = sorted({audience(role) for role in ROLES})


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """What tokens are made with; one for the process."""

    access_key: bytes = field(repr=False)
    refresh_key: bytes = field(repr=False)
    issuer: str
    access_life: timedelta
    refresh_life: timedelta

    @classmethod
    def of(cls, settings: Settings) -> SessionKeys:
        secret = settings.secret_key.get_secret_value()
        return cls(
            derive(secret, "access-token"),
            derive(secret, "refresh-token"),
            settings.api_url,
            timedelta(minutes=settings.access_token_expire_minutes),
            timedelta(days=settings.refresh_token_expire_days),
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    login_id: LoginId
    session_id: UUID
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says. Who may do what is read from the session's row."""

    login_id: LoginId
    session_id: UUID
    audience: str


def make_tokens(session: SessionRow, *, role: RoleName, keys: SessionKeys, now: datetime) -> Tokens:
    expires_at = now + keys.access_life
    claims = {
        "iss": keys.issuer,
        "aud": audience(role),
        "sub": str(session.login_id),
        "sid": str(session.id),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    access = jwt.encode(claims, keys.access_key, algorithm=ALGORITHM)
    return Tokens(LoginId(session.login_id), session.id, access, expires_at, _refresh_token(session, session.generation, keys), session.expires_at)


def read_access_token(token: str, *, keys: SessionKeys, now: datetime) -> Claims:
    """BadAccessToken, or TokenExpired by our Clock (the library's own check is off: it would ask the machine's)."""
    try:
        claims = jwt.decode(
            token,
            keys.access_key,
            algorithms=[ALGORITHM],
            audience=_AUDIENCES,
            issuer=keys.issuer,
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat", "sub", "sid", "aud", "iss"]},
        )
        found = Claims(LoginId(UUID(claims["sub"])), UUID(claims["sid"]), claims["aud"])
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError):
        raise BadAccessToken("Log in again.") from None
    if now >= expires_at:
        raise TokenExpired("Get a new one with the refresh token.")
    return found


def split_refresh_token(token: str) -> tuple[UUID, int]:
    """Session and generation, unproven until `proves` says so."""
    session, _, rest = token.removeprefix(_PREFIX).partition(".")
    generation, _, _ = rest.partition(".")
    if not token.startswith(_PREFIX) or not (generation.isascii() and generation.isdigit()) or len(generation) > 9:
        raise BadRefreshToken("Log in again.")
    try:
        return UUID(session), int(generation)
    except ValueError:
        raise BadRefreshToken("Log in again.") from None


def proves(token: str, session: SessionRow, generation: int, *, keys: SessionKeys) -> bool:
    """Whether we made this token for this session and generation."""
    return hmac.compare_digest(token.encode(), _refresh_token(session, generation, keys).encode())


def _refresh_token(session: SessionRow, generation: int, keys: SessionKeys) -> str:
    place = f"{session.id.hex}.{generation}"
    mac = hmac.new(keys.refresh_key, session.salt + place.encode(), hashlib.sha256).digest()
    return f"{_PREFIX}{place}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
