"""Reads of identity into frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, any_, func, select

from nextbill.capabilities.identity.models import AuditRow, LoginRow, PanelKeyRow, SessionRow, TokenRow
from nextbill.capabilities.identity.rules import LoginId, PasswordHash, Purpose, RoleName
from nextbill.kernel.errors import NotFound
from nextbill.runtime import bulk
from nextbill.runtime.crypto import token_hash
from nextbill.runtime.database import ReadTx


class Login(Struct, frozen=True, gc=False):
    """Who can log in; never the password's hash."""

    id: LoginId
    email: str
    role: RoleName
    customer_id: UUID | None
    verified_at: datetime | None
    disabled_at: datetime | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a log-in is checked against."""

    login_id: LoginId
    password_hash: PasswordHash = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A one-time token that we did send: what it is still good for, and whose it is."""

    login: Login
    state: Literal["good", "used", "expired"]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LiveSession:
    """An access token's session that has neither ended nor lost its login."""

    session_id: UUID
    login_id: LoginId
    role: RoleName
    customer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Session:
    id: UUID
    created_at: datetime
    rotated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PanelKey:
    """A panel's key as staff see it: never the secret."""

    id: UUID
    key_id: str
    name: str
    permissions: tuple[str, ...]
    addresses: tuple[str, ...]
    server_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: UUID
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    customer_id: UUID | None
    reason: str | None
    detail: dict[str, Any] | None
    correlation: str


# The role of customers' requests has no right to the password's column: never select whole rows here. Columns of the table, not of the class: rows as they come,
# without a look at each by the mapper.
_C = LoginRow.__table__.c
_LOGIN: tuple[Any, ...] = (_C.id, _C.email, _C.role, _C.customer_id, _C.verified_at, _C.disabled_at, _C.created_at, _C.version)
_WHOSE = 3


async def get_login(tx: ReadTx, login_id: UUID) -> Login:
    """NotFound where there is none, or none that the caller's role may see."""
    row = (await tx.execute(select(*_LOGIN).where(LoginRow.id == login_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such login.")
    return _login(row)


async def login_of_customer(tx: ReadTx, customer_id: UUID) -> Login:
    row = (await tx.execute(select(*_LOGIN).where(LoginRow.customer_id == customer_id))).one_or_none()
    if row is None:
        raise NotFound("This customer has no login.")
    return _login(row)


async def logins_of_customers(tx: ReadTx, customer_ids: Sequence[UUID]) -> dict[UUID, Login]:
    """For lists: one read, by customer."""
    rows = (await tx.execute(select(*_LOGIN).where(LoginRow.customer_id == any_(bulk.ids(customer_ids))))).all()
    return {row[_WHOSE]: _login(row) for row in rows}


async def emails_of_customers(tx: ReadTx, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """As `logins_of_customers`, of many at once."""
    rows = await tx.execute(select(_C.customer_id, _C.email).where(_C.customer_id == any_(bulk.ids(customer_ids))))
    return {row[0]: row[1] for row in rows}


async def find_login(tx: ReadTx, email: str) -> Login | None:
    row = (await tx.execute(select(*_LOGIN).where(func.lower(LoginRow.email) == email.lower()))).one_or_none()
    return None if row is None else _login(row)


async def mailed_link(tx: ReadTx, *, token: str, purpose: Purpose, now: datetime) -> MailedLink | None:
    """None for a token that was never sent for this purpose. Uses nothing up."""
    asked = (TokenRow.token_hash == token_hash(token), TokenRow.purpose == purpose)
    row = (await tx.execute(select(TokenRow.login_id, TokenRow.used_at, TokenRow.expires_at).where(*asked))).one_or_none()
    if row is None:
        return None
    state: Literal["good", "used", "expired"] = "used" if row.used_at else "expired" if row.expires_at <= now else "good"
    return MailedLink(await get_login(tx, row.login_id), state, row.expires_at)


async def find_credentials(tx: ReadTx, email: str) -> Credentials | None:
    row = (await tx.execute(select(LoginRow.id, LoginRow.password_hash).where(func.lower(LoginRow.email) == email.lower()))).one_or_none()
    return None if row is None else Credentials(LoginId(row.id), PasswordHash(row.password_hash))


async def get_credentials(tx: ReadTx, login_id: UUID) -> Credentials:
    row = (await tx.execute(select(LoginRow.id, LoginRow.password_hash).where(LoginRow.id == login_id))).one()
    return Credentials(LoginId(row.id), PasswordHash(row.password_hash))


def searched_logins(*, search: str | None, role: str | None, disabled: bool | None) -> Select[Any]:
    """Logins for staff, to be paged by id. `search` is found anywhere in the address."""
    statement = select(*_LOGIN)
    if search:
        statement = statement.where(func.lower(LoginRow.email).contains(search.lower(), autoescape=True))
    if role:
        statement = statement.where(LoginRow.role == role)
    if disabled is not None:
        statement = statement.where(LoginRow.disabled_at.is_not(None) if disabled else LoginRow.disabled_at.is_(None))
    return statement


async def list_logins(tx: ReadTx, statement: Select[Any]) -> list[Login]:
    return [_login(row) for row in (await tx.execute(statement)).all()]


async def live_session(tx: ReadTx, session_id: UUID) -> LiveSession | None:
    """One read by primary keys. Role and customer come from the row, never from a token: a change of role holds at once."""
    statement = (
        select(SessionRow.id, LoginRow.id.label("login_id"), LoginRow.role, LoginRow.customer_id)
        .join(LoginRow, LoginRow.id == SessionRow.login_id)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None), LoginRow.disabled_at.is_(None))
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else LiveSession(row.id, LoginId(row.login_id), row.role, row.customer_id)


async def list_sessions(tx: ReadTx, login_id: UUID, *, now: datetime) -> list[Session]:
    statement = (
        select(SessionRow.id, SessionRow.created_at, SessionRow.rotated_at, SessionRow.expires_at)
        .where(SessionRow.login_id == login_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .order_by(SessionRow.id.desc())
        .limit(100)
    )
    return [Session(*row) for row in (await tx.execute(statement)).all()]


async def lock_login(tx: ReadTx, login_id: UUID) -> LoginRow:
    row = (await tx.execute(select(LoginRow).where(LoginRow.id == login_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such login.")
    return row


async def lock_session(tx: ReadTx, session_id: UUID) -> SessionRow | None:
    return (await tx.execute(select(SessionRow).where(SessionRow.id == session_id).with_for_update())).scalar_one_or_none()


def panel_keys(*, server_id: UUID | None = None, live_at: datetime | None = None) -> Select[Any]:
    """To be paged by id; with `live_at` neither revoked nor expired ones."""
    statement = select(PanelKeyRow)
    if server_id is not None:
        statement = statement.where(PanelKeyRow.server_id == server_id)
    if live_at is not None:
        statement = statement.where(PanelKeyRow.revoked_at.is_(None), (PanelKeyRow.expires_at.is_(None)) | (PanelKeyRow.expires_at > live_at))
    return statement


async def list_panel_keys(tx: ReadTx, statement: Select[Any] | None = None) -> list[PanelKey]:
    chosen = panel_keys().order_by(PanelKeyRow.id.desc()) if statement is None else statement
    return [shown_panel_key(row) for row in (await tx.execute(chosen)).scalars()]


def shown_panel_key(row: PanelKeyRow) -> PanelKey:
    return PanelKey(
        row.id,
        row.key_id,
        row.name,
        tuple(row.permissions),
        tuple(row.addresses),
        row.server_id,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
    )


def audit_entries(*, actor: str | None, object_type: str | None, object_id: str | None, customer_id: UUID | None) -> Select[Any]:
    """To be paged by id."""
    asked = {AuditRow.actor: actor, AuditRow.object_type: object_type, AuditRow.object_id: object_id, AuditRow.customer_id: customer_id}
    return select(AuditRow).where(*(column == value for column, value in asked.items() if value is not None))


async def list_audit(tx: ReadTx, statement: Select[Any]) -> list[AuditEntry]:
    rows = (await tx.execute(statement)).scalars()
    return [
        AuditEntry(r.id, r.at, r.actor, r.action, r.object_type, r.object_id, r.customer_id, r.reason, r.detail, r.correlation)
        for r in cast("Sequence[AuditRow]", rows)
    ]


def _login(row: Row[*tuple[Any, ...]]) -> Login:
    return Login(*row)
