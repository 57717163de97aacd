"""Requesting an account: a place, a name and a password first, then the step that has the panel make it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities import identity
from nextbill.capabilities.hosting.commands.servers import place, place_on, release_place
from nextbill.capabilities.hosting.errors import AccountMayExist, AccountNotReady, NoRoom
from nextbill.capabilities.hosting.events import AccountDelayed, AccountPlaced
from nextbill.capabilities.hosting.models import AccountRow
from nextbill.capabilities.hosting.queries import ACCOUNT_TABLE, Server, account_for, locked_account, nameservers_of
from nextbill.capabilities.hosting.rules import HOLDS_SLOT, panel_email, username, username_of_id, username_stem
from nextbill.kernel.ids import new_id
from nextbill.runtime import steps
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

CREATE = "hosting.create_account"
PASSWORD_LENGTH = 20
PLACED_AT_ONCE = 50
CONFLICTS_BEFORE_ID = 3


@dataclass(frozen=True, slots=True)
class AccountRequested:
    """`server_id` None and no name servers: the account waits for room, `AccountPlaced` will tell."""

    account_id: UUID
    server_id: UUID | None
    nameservers: tuple[str, ...]


async def request_account(
    tx: Tx,
    *,
    customer_id: UUID,
    reference_type: str,
    reference_id: UUID,
    plan_code: str,
    limits: Mapping[str, int | None],
    license_id: UUID | None,
    license_key: str | None,
    domain: str | None,
    email: str,
    full_name: str,
    cipher: FieldCipher,
    now: datetime,
    phone: str | None = None,
    company: str | None = None,
    server_id: UUID | None = None,
) -> AccountRequested:
    """The intent: the password is made and stored here, before any call, so that a lost answer loses nothing.

    A second call for the same reference answers with the first one's account. `server_id`: staff's choice; else the least filled.
    """
    known = await account_for(tx, reference_type=reference_type, reference_id=reference_id)
    if known is not None:
        return AccountRequested(known.id, known.server_id, await nameservers_of(tx, known.id))
    row = AccountRow(
        id=new_id(), customer_id=customer_id, reference_type=reference_type, reference_id=reference_id, state="waiting", plan_code=plan_code,
        limits=dict(limits), license_id=license_id, domain=domain, email=email, full_name=full_name, phone=phone, company=company,
        suspension_reasons=[], requested_at=now, changed_at=now,
    )  # fmt: skip
    _seal(row, license_key=license_key, cipher=cipher)
    tx.add(row)
    await tx.flush()
    try:
        server = await (place(tx) if server_id is None else place_on(tx, server_id))
    except NoRoom:
        await publish(tx, AccountDelayed(**_references(row)), now=now)
        return AccountRequested(row.id, None, ())
    await _settle_on(tx, row, server, now=now)
    return AccountRequested(row.id, server.id, server.nameservers)


def _seal(row: AccountRow, *, license_key: str | None, cipher: FieldCipher) -> None:
    row.password_sealed = cipher.encrypt(new_password(), table=ACCOUNT_TABLE, row=row.id, column="password_sealed")
    if license_key is not None:
        row.license_key_sealed = cipher.encrypt(license_key, table=ACCOUNT_TABLE, row=row.id, column="license_key_sealed")


def new_password() -> str:
    """Letters and digits, so that any panel takes it and a person can type it: 119 bits."""
    alphabet = string.ascii_letters + string.digits
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(PASSWORD_LENGTH))
        if any(c.islower() for c in password) and any(c.isupper() for c in password) and any(c.isdigit() for c in password):
            return password


async def place_waiting(tx: Tx, *, now: datetime) -> None:
    """The tick that gives places to those who wait, the longest waiting first."""
    waiting = select(AccountRow).where(AccountRow.state == "waiting").order_by(AccountRow.id).limit(PLACED_AT_ONCE)
    for row in (await tx.execute(waiting.with_for_update(skip_locked=True))).scalars():
        try:
            server = await place(tx)
        except NoRoom:
            return
        await _settle_on(tx, row, server, now=now)
        await publish(tx, AccountPlaced(**_references(row), server_id=server.id), now=now)


async def move_account(tx: Tx, *, account_id: UUID, actor: str, reason: str, now: datetime, server_id: UUID | None = None) -> AccountRequested:
    """A parked account to another server, and its step taken up again. Only where nothing can have been made on the old one:

    after an answer that leaves doubt, a look there must first prove that the account is absent (AccountMayExist).
    """
    row = await locked_account(tx, account_id)
    step = await steps.state_of(tx, CREATE, subject_id=account_id)
    if row.state != "parked" or row.server_id is None or step is None:
        raise AccountNotReady
    if not step.certain or row.panel_ref is not None or not await steps.retry(tx, step.id, now=now):
        raise AccountMayExist
    try:
        server = await (place(tx, but_not=row.server_id) if server_id is None else place_on(tx, server_id))
    except NoRoom:
        raise AccountNotReady("No other server has room.") from None
    old = row.server_id
    await _settle_on(tx, row, server, now=now)
    await release_place(tx, old)
    what: dict[str, Any] = {"object_type": "hosting_account", "object_id": row.id, "detail": {"from": str(old), "to": str(server.id)}}
    await identity.audit(tx, actor=actor, action="account.moved", customer_id=row.customer_id, reason=reason, now=now, **what)
    await publish(tx, AccountPlaced(**_references(row), server_id=server.id), now=now)
    return AccountRequested(row.id, server.id, server.nameservers)


async def withdraw_account(tx: Tx, *, account_id: UUID, now: datetime) -> bool:
    """Takes back a request that has certainly made nothing. False where an account exists or may exist: then it is to be deleted."""
    await steps.hold(tx, CREATE, subject_id=account_id)
    row = await locked_account(tx, account_id)
    if row.state in ("cancelled", "refused"):
        return True
    if row.state != "waiting" and (row.panel_ref is not None or not await steps.withdraw(tx, CREATE, subject_id=account_id, now=now)):
        return False
    await leave(tx, row, "cancelled", now=now)
    return True


async def leave(tx: Tx, row: AccountRow, state: str, *, now: datetime) -> None:
    """To a state that holds no place; the place and the secrets go."""
    held = row.state in HOLDS_SLOT
    row.state, row.changed_at = state, now
    row.password_sealed, row.license_key_sealed = None, None
    await tx.flush()
    if held and row.server_id is not None:
        await release_place(tx, row.server_id)


async def rename_after_conflict(tx: Tx, row: AccountRow, *, conflicts: int) -> None:
    """The panel says that the name or the address is taken, and not by an account of ours: another name, an address of its own.

    After some, a name with the account's id in it, which nobody has.
    """
    if row.server_id is None:
        raise AccountNotReady
    stem = username_stem(domain=row.domain, full_name=row.full_name)
    if conflicts >= CONFLICTS_BEFORE_ID:
        row.username = username_of_id(stem, row.id)
    else:
        row.username = username(stem, taken=await _taken(tx, row), skip=conflicts)
    host = (await nameservers_of(tx, row.id))[0]
    row.panel_email = panel_email(row.email, user=row.username, own_host=own_host(host), shared=True)
    await tx.flush()


def own_host(nameserver: str) -> str:
    """Ours is the domain that the server's name servers are in."""
    return nameserver.split(".", 1)[1]


async def _settle_on(tx: Tx, row: AccountRow, server: Server, *, now: datetime) -> None:
    """Name and address are chosen while the server's row is locked by `place`, so nobody else takes them."""
    row.server_id = server.id
    stem = username_stem(domain=row.domain, full_name=row.full_name)
    row.username = username(stem, taken=await _taken(tx, row))
    shared = await _has_address(tx, row)
    row.panel_email = panel_email(row.email, user=row.username, own_host=own_host(server.nameservers[0]), shared=shared)
    row.state, row.reason, row.changed_at = "requested", None, now
    await tx.flush()
    await steps.request(tx, CREATE, subject_id=row.id, customer_id=row.customer_id, now=now)


async def _taken(tx: Tx, row: AccountRow) -> frozenset[str]:
    others = select(AccountRow.username).where(AccountRow.server_id == row.server_id, AccountRow.id != row.id, AccountRow.state.in_(HOLDS_SLOT))
    return frozenset(name for name in (await tx.execute(others)).scalars() if name)


async def _has_address(tx: Tx, row: AccountRow) -> bool:
    """Whether another account of ours on this server goes by the customer's own address."""
    same = func.lower(AccountRow.panel_email) == row.email.lower()
    others = select(AccountRow.id).where(AccountRow.server_id == row.server_id, AccountRow.id != row.id, AccountRow.state.in_(HOLDS_SLOT), same)
    return (await tx.execute(others.limit(1))).first() is not None


def _references(row: AccountRow) -> dict[str, Any]:
    return {"account_id": row.id, "customer_id": row.customer_id, "reference_type": row.reference_type, "reference_id": row.reference_id}
