"""Tokens that are sent by mail: 256 bits, stored hashed, good once and for one purpose."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, update

from nextbill.capabilities.identity.errors import BadOneTimeToken
from nextbill.capabilities.identity.models import TokenRow
from nextbill.capabilities.identity.rules import TOKEN_LIFE, LoginId, Purpose
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import new_token, token_hash
from nextbill.runtime.database import Tx

KEPT = timedelta(days=30)


async def issue_token(tx: Tx, *, login_id: UUID, purpose: Purpose, now: datetime) -> str:
    """For the mail that is about to be written: the raw token exists there and nowhere else. Earlier ones stay good until one is used:
    mails overtake each other.
    """
    token, hashed = new_token()
    values = {"id": new_id(), "login_id": login_id, "purpose": purpose, "token_hash": hashed}
    await tx.execute(insert(TokenRow).values(**values, created_at=now, expires_at=now + TOKEN_LIFE[purpose]))
    return token


async def redeem_token(tx: Tx, *, token: str, purpose: Purpose, now: datetime) -> LoginId:
    """Uses it up in one statement, so that of two racing holders one wins. BadOneTimeToken."""
    fits = (TokenRow.token_hash == token_hash(token), TokenRow.purpose == purpose, TokenRow.used_at.is_(None), TokenRow.expires_at > now)
    found = (await tx.execute(update(TokenRow).where(*fits).values(used_at=now).returning(TokenRow.login_id))).scalar_one_or_none()
    if found is None:
        raise BadOneTimeToken("Ask for a new one.")
    return LoginId(found)


async def drop_tokens(tx: Tx, *, login_id: UUID, purpose: Purpose, now: datetime) -> None:
    """All that are still good become used."""
    await tx.execute(
        update(TokenRow).where(TokenRow.login_id == login_id, TokenRow.purpose == purpose, TokenRow.used_at.is_(None)).values(used_at=now)
    )


async def prune_tokens(tx: Tx, *, now: datetime) -> None:
    await tx.execute(delete(TokenRow).where(TokenRow.expires_at < now - KEPT))
