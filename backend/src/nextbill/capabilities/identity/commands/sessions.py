"""A log-in and what follows from it, until it ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update

from nextbill.capabilities.identity.commands.tokens import SessionKeys, Tokens, make_tokens, proves, split_refresh_token
from nextbill.capabilities.identity.errors import BadCredentials, BadRefreshToken, LoginDisabled, SessionEnded
from nextbill.capabilities.identity.events import SessionReused
from nextbill.capabilities.identity.models import LoginRow, SessionRow
from nextbill.capabilities.identity.queries import Credentials, lock_login, lock_session
from nextbill.capabilities.identity.rules import REUSE_GRACE, SESSION_LIFE_MAX, PasswordHash, RoleName
from nextbill.kernel.errors import NotFound, Problem
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx, on_rows
from nextbill.runtime.events import publish

EndReason = Literal["logout", "logout_all", "reuse", "password", "disabled", "role"]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Either tokens or a refusal: the refusal may have ended the session, which must be committed before it is told."""

    tokens: Tokens | None = None
    refusal: Problem | None = None


async def issue_session(tx: Tx, *, verified: Credentials, rehashed: PasswordHash | None = None, keys: SessionKeys, now: datetime) -> Tokens:
    """After the password has been verified outside: BadCredentials where it was changed since, LoginDisabled where the login is."""
    login = await lock_login(tx, verified.login_id)
    if login.password_hash != verified.password_hash:
        raise BadCredentials
    if login.disabled_at is not None:
        raise LoginDisabled("Write to us if you think that this is a mistake.")
    if rehashed is not None:
        login.password_hash = rehashed
    session = SessionRow(
        id=new_id(), login_id=login.id, salt=secrets.token_bytes(16), generation=1, created_at=now, rotated_at=now, expires_at=now + keys.refresh_life
    )
    tx.add(session)
    await tx.flush()
    return make_tokens(session, role=_role(login), keys=keys, now=now)


async def refresh(tx: Tx, *, refresh_token: str, keys: SessionKeys, now: datetime) -> Refreshed:
    """The successor; within ten seconds of the last rotation the same one again. Any older token ends the session: one of two holders stole it."""
    try:
        session_id, generation = split_refresh_token(refresh_token)
    except BadRefreshToken as refusal:
        return Refreshed(refusal=refusal)
    session = await lock_session(tx, session_id)
    if session is None or not proves(refresh_token, session, generation, keys=keys):
        return Refreshed(refusal=BadRefreshToken("Log in again."))
    if session.ended_at is not None or session.expires_at <= now:
        return Refreshed(refusal=SessionEnded("Log in again."))
    login = (await tx.execute(select(LoginRow).where(LoginRow.id == session.login_id))).scalar_one()
    if generation == session.generation:
        session.generation += 1
        session.rotated_at = now
        session.expires_at = min(now + keys.refresh_life, session.created_at + SESSION_LIFE_MAX)
        await tx.flush()
    elif not (generation == session.generation - 1 and session.rotated_at <= now <= session.rotated_at + REUSE_GRACE):
        _end(session, "reuse", now=now)
        await publish(tx, SessionReused(login_id=session.login_id, session_id=session.id), now=now)
        return Refreshed(refusal=SessionEnded("This refresh token was used before. Log in again."))
    return Refreshed(tokens=make_tokens(session, role=_role(login), keys=keys, now=now))


async def logout(tx: Tx, *, session_id: UUID, login_id: UUID, now: datetime) -> None:
    """One's own session; ending an ended one changes nothing. NotFound where it is somebody else's."""
    session = await lock_session(tx, session_id)
    if session is None or session.login_id != login_id:
        raise NotFound("There is no such session.")
    if session.ended_at is None:
        _end(session, "logout", now=now)


async def end_session_of(tx: Tx, *, refresh_token: str, keys: SessionKeys, now: datetime) -> bool:
    """By whoever holds a refresh token of it, of whatever generation. False, and nothing done, where it is not one of ours."""
    try:
        session_id, generation = split_refresh_token(refresh_token)
    except BadRefreshToken:
        return False
    session = await lock_session(tx, session_id)
    if session is None or not proves(refresh_token, session, generation, keys=keys):
        return False
    if session.ended_at is None:
        _end(session, "logout", now=now)
    return True


async def end_sessions(tx: Tx, *, login_id: UUID, reason: EndReason, keep: UUID | None = None, now: datetime) -> int:
    """All of a login's sessions but `keep`: their access tokens are refused from now on. Returns how many ended."""
    ended = update(SessionRow).where(SessionRow.login_id == login_id, SessionRow.ended_at.is_(None))
    if keep is not None:
        ended = ended.where(SessionRow.id != keep)
    return on_rows(await tx.execute(ended.values(ended_at=now, end_reason=reason)))


async def prune_sessions(tx: Tx, *, now: datetime) -> None:
    """Sessions that could not be refreshed for a month are forgotten."""
    await tx.execute(delete(SessionRow).where(SessionRow.expires_at < now - SESSION_LIFE_MAX / 3))


def _end(session: SessionRow, reason: EndReason, *, now: datetime) -> None:
    session.ended_at, session.end_reason = now, reason


def _role(login: LoginRow) -> RoleName:
    role: RoleName = login.role  # type: ignore[assignment]  # the table's CHECK allows no other
    return role
