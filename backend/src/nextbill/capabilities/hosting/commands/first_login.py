"""The welcome mail's one-time link: it shows user name and first password once, then our copy is erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities import identity
from nextbill.capabilities.hosting.errors import AccountNotFound, FirstLoginExpired, FirstLoginTooEarly, FirstLoginUnknown, FirstLoginUsed
from nextbill.capabilities.hosting.models import AccountRow, FirstLoginRow
from nextbill.capabilities.hosting.queries import FirstLogin, FirstLoginOffer, locked_account, sealed_text
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import FieldCipher, new_token, token_hash
from nextbill.runtime.database import ReadTx, Tx

LIFETIME = timedelta(days=7)
MADE = ("ready", "suspended")


async def issue_first_login(tx: Tx, account_id: UUID, *, now: datetime) -> str:
    """A token of 256 bits for the link `/welcome/{token}`, good for seven days; we keep its hash. Earlier links stay good,
    since a mail may be sent twice: the password behind all of them is shown once. Raises FirstLoginUsed, FirstLoginTooEarly.
    """
    row = await tx.get(AccountRow, account_id)
    if row is None:
        raise AccountNotFound
    if row.revealed_at is not None:
        raise FirstLoginUsed
    if row.state not in MADE or row.password_sealed is None:
        raise FirstLoginTooEarly
    token, digest = new_token()
    values = {"id": new_id(), "account_id": account_id, "customer_id": row.customer_id, "token_hash": digest}
    tx.add(FirstLoginRow(**values, issued_at=now, expires_at=now + LIFETIME))
    await tx.flush()
    return token


async def offered(tx: ReadTx, *, token: str, now: datetime) -> FirstLoginOffer:
    """Whether the link would show something. Shows nothing and changes nothing: mail scanners open links too."""
    link = await _link(tx, token)
    row = await tx.get(AccountRow, link.account_id)
    if row is None:
        raise FirstLoginUnknown
    _check(link, row, now)
    return FirstLoginOffer(row.domain, link.expires_at)


async def reveal_first_login(tx: Tx, *, token: str, cipher: FieldCipher, now: datetime) -> FirstLogin:
    """Shows once and erases. Of two at the same time one gets it; every later one is told FirstLoginUsed."""
    link = await _link(tx, token)
    row = await locked_account(tx, link.account_id)
    await tx.refresh(row)
    _check(link, row, now)
    password = sealed_text(cipher, row, "password_sealed")
    if password is None or row.username is None:
        raise FirstLoginUsed
    shown = FirstLogin(username=row.username, password=password, url=row.panel_url or "", domain=row.domain)
    row.password_sealed, row.revealed_at, row.changed_at, link.used_at = None, now, now, now
    what: dict[str, Any] = {"object_type": "hosting_account", "object_id": row.id, "customer_id": row.customer_id}
    await identity.audit(tx, actor="system", action="account.first_password_shown", now=now, **what)
    return shown


async def _link(tx: ReadTx, token: str) -> FirstLoginRow:
    link = (await tx.execute(select(FirstLoginRow).where(FirstLoginRow.token_hash == token_hash(token)))).scalar_one_or_none()
    if link is None:
        raise FirstLoginUnknown
    return link


def _check(link: FirstLoginRow, row: AccountRow, now: datetime) -> None:
    """Used comes before expired: who has the password already need not ask for another link."""
    if row.revealed_at is not None:
        raise FirstLoginUsed
    if link.expires_at <= now:
        raise FirstLoginExpired
    if row.state not in MADE:
        raise FirstLoginTooEarly
