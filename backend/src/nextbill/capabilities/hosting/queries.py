"""Reads of servers and accounts, and the locks that commands work under."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.hosting.errors import AccountNotFound, ServerNotFound
from nextbill.capabilities.hosting.models import AccountRow, ChangeRow, ServerRow
from nextbill.capabilities.hosting.ports import Provisioning, ServerAccess
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging

SERVER_TABLE, ACCOUNT_TABLE = "hosting_server", "hosting_account"
_PROVISIONING: dict[str, Provisioning] = {"accounts": "accounts", "license": "license"}


@dataclass(frozen=True, slots=True)
class Server:
    """A panel server without its secrets."""

    id: UUID
    name: str
    base_url: str
    nameservers: tuple[str, ...]
    provisioning: str
    capacity: int
    used: int
    state: str
    health: str
    abilities: dict[str, Any] | None
    problem: str | None
    tested_at: datetime | None
    checked_at: datetime | None
    added_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Account:
    """A hosting account without its secrets. `panel_url` is where its holder logs in; `first_login_open`: the first password was not shown yet."""

    id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    server_id: UUID | None
    state: str
    plan_code: str
    limits: dict[str, int | None]
    license_id: UUID | None
    domain: str | None
    username: str | None
    panel_ref: str | None
    panel_url: str | None
    suspension_reasons: tuple[str, ...]
    reason: str | None
    first_login_open: bool
    requested_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, slots=True)
class FirstLogin:
    """What is shown once. `url` is the panel's login page."""

    username: str
    password: str = field(repr=False)
    url: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class FirstLoginOffer:
    """What the page may say before anything is shown."""

    domain: str | None
    expires_at: datetime


async def list_servers(tx: ReadTx) -> list[Server]:
    """All of them, by name: a fleet, not a list to page through."""
    return [server_shown(row) for row in (await tx.execute(select(ServerRow).order_by(ServerRow.name))).scalars()]


async def server_is_known(tx: ReadTx, server_id: UUID) -> bool:
    return await tx.get(ServerRow, server_id) is not None


async def get_server(tx: ReadTx, server_id: UUID) -> Server:
    return server_shown(await _server(tx, server_id))


async def server_access(tx: ReadTx, server_id: UUID, *, cipher: FieldCipher) -> ServerAccess:
    """Address and secrets, opened, for a call that follows outside of the transaction."""
    row = await _server(tx, server_id)
    return ServerAccess(
        base_url=row.base_url,
        api_key=cipher.decrypt(row.api_key_sealed, table=SERVER_TABLE, row=row.id, column="api_key_sealed"),
        api_secret=cipher.decrypt(row.api_secret_sealed, table=SERVER_TABLE, row=row.id, column="api_secret_sealed"),
        provisioning=_PROVISIONING[row.provisioning],
    )


async def nameservers_of(tx: ReadTx, account_id: UUID) -> tuple[str, ...]:
    """Those of the account's server; none while it waits for one."""
    found = select(ServerRow.nameservers).join(AccountRow, AccountRow.server_id == ServerRow.id).where(AccountRow.id == account_id)
    return tuple((await tx.execute(found)).scalar_one_or_none() or ())


async def get_account(tx: ReadTx, account_id: UUID) -> Account:
    row = await tx.get(AccountRow, account_id)
    if row is None:
        raise AccountNotFound
    return account_shown(row)


async def account_for(tx: ReadTx, *, reference_type: str, reference_id: UUID) -> Account | None:
    """The account that was requested for a reference, for instance ("orders.line", line_id)."""
    found = await tx.execute(select(AccountRow).where(AccountRow.reference_type == reference_type, AccountRow.reference_id == reference_id))
    row = found.scalar_one_or_none()
    return None if row is None else account_shown(row)


async def names_for(tx: ReadTx, *, reference_type: str, reference_ids: Collection[UUID]) -> dict[UUID, str]:
    """The internet name of the account of each reference, where it has one."""
    mine = (AccountRow.reference_type == reference_type, AccountRow.reference_id.in_(reference_ids), AccountRow.domain.is_not(None))
    rows = (await tx.execute(select(AccountRow.reference_id, AccountRow.domain).where(*mine))).all() if reference_ids else ()
    return {reference_id: name for reference_id, name in rows if name}


async def list_accounts(tx: ReadTx, *, paging: Paging, customer_id: UUID | None = None, server_id: UUID | None = None) -> list[Account]:
    """Newest first, one more than the page."""
    statement = select(AccountRow)
    if customer_id is not None:
        statement = statement.where(AccountRow.customer_id == customer_id)
    if server_id is not None:
        statement = statement.where(AccountRow.server_id == server_id)
    return [account_shown(row) for row in (await tx.execute(paging.apply(statement, AccountRow.id))).scalars()]


async def locked_account(tx: ReadTx, account_id: UUID) -> AccountRow:
    row = (await tx.execute(select(AccountRow).where(AccountRow.id == account_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise AccountNotFound
    return row


async def newest_change(tx: ReadTx, account_id: UUID) -> ChangeRow:
    newest = select(ChangeRow).where(ChangeRow.account_id == account_id).order_by(ChangeRow.id.desc()).limit(1)
    return (await tx.execute(newest)).scalar_one()


def sealed_text(cipher: FieldCipher, row: AccountRow, column: str) -> str | None:
    """A sealed column of the account, opened; None where it is empty."""
    stored: str | None = getattr(row, column)
    return None if stored is None else cipher.decrypt(stored, table=ACCOUNT_TABLE, row=row.id, column=column)


async def _server(tx: ReadTx, server_id: UUID) -> ServerRow:
    row = await tx.get(ServerRow, server_id)
    if row is None:
        raise ServerNotFound
    return row


def server_shown(row: ServerRow) -> Server:
    return Server(
        id=row.id,
        name=row.name,
        base_url=row.base_url,
        nameservers=tuple(row.nameservers),
        provisioning=row.provisioning,
        capacity=row.capacity,
        used=row.used,
        state=row.state,
        health=row.health,
        abilities=row.abilities,
        problem=row.problem,
        tested_at=row.tested_at,
        checked_at=row.checked_at,
        added_at=row.added_at,
        version=row.version,
    )


def account_shown(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        customer_id=row.customer_id,
        reference_type=row.reference_type,
        reference_id=row.reference_id,
        server_id=row.server_id,
        state=row.state,
        plan_code=row.plan_code,
        limits=dict(row.limits),
        license_id=row.license_id,
        domain=row.domain,
        username=row.username,
        panel_ref=row.panel_ref,
        panel_url=row.panel_url,
        suspension_reasons=tuple(row.suspension_reasons),
        reason=row.reason,
        first_login_open=row.password_sealed is not None and row.state in ("ready", "suspended"),
        requested_at=row.requested_at,
        ready_at=row.ready_at,
    )
