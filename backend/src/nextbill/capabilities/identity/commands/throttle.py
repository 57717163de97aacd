"""Attempts are counted in PostgreSQL before they are looked at, so that parallel guesses count as well. No database, no log-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.identity.errors import TooManyAttempts
from nextbill.capabilities.identity.models import ThrottleRow
from nextbill.capabilities.identity.rules import Limit, Limits, fingerprint, wait
from nextbill.runtime.database import Tx

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What counts for one attempt. The account comes first: rows are always locked in this order."""

    subjects: tuple[tuple[str, Limit], ...]

    @classmethod
    def login(cls, limits: Limits, *, email: str, address: str) -> Attempt:
        return cls(((f"login.account:{fingerprint(email)}", limits.login_account), (f"login.address:{fingerprint(address)}", limits.login_address)))

    @classmethod
    def mail(cls, limits: Limits, *, email: str, address: str) -> Attempt:
        """Whatever makes us send a mail to an address that somebody typed."""
        return cls(((f"mail.account:{fingerprint(email)}", limits.mail_account), (f"mail.address:{fingerprint(address)}", limits.mail_address)))

    @classmethod
    def token(cls, limits: Limits, *, address: str) -> Attempt:
        return cls(((f"token.address:{fingerprint(address)}", limits.login_address),))


async def count_attempt(tx: Tx, attempt: Attempt, *, now: datetime) -> None:
    """TooManyAttempts where a limit has been passed. The caller commits before it looks at the password."""
    for subject, limit in attempt.subjects:
        attempts, started = await _count(tx, subject, limit, now=now)
        seconds = wait(limit, attempts=attempts, window_started_at=started, now=now)
        if seconds is not None:
            raise TooManyAttempts(f"Try again in {seconds} seconds.", retry_after=seconds)


async def forgive_attempt(tx: Tx, attempt: Attempt) -> None:
    """After a success: the account starts anew, the address gets its attempt back."""
    (account, _), *others = attempt.subjects
    await tx.execute(delete(ThrottleRow).where(ThrottleRow.subject == account))
    for subject in _names(others):
        await tx.execute(update(ThrottleRow).where(ThrottleRow.subject == subject).values(attempts=func.greatest(ThrottleRow.attempts - 1, 0)))


async def prune_throttle(tx: Tx, *, now: datetime) -> None:
    await tx.execute(delete(ThrottleRow).where(ThrottleRow.window_started_at < now - KEPT))


async def _count(tx: Tx, subject: str, limit: Limit, *, now: datetime) -> tuple[int, datetime]:
    """One statement. A window that starts in the future (the clock of a sandbox went back) is over as well."""
    over = or_(ThrottleRow.window_started_at <= now - limit.window, ThrottleRow.window_started_at > now)
    statement = upsert(ThrottleRow).values(subject=subject, attempts=1, window_started_at=now)
    counted = statement.on_conflict_do_update(
        index_elements=["subject"],
        set_={
            "attempts": case((over, 1), else_=func.least(ThrottleRow.attempts + 1, limit.attempts + 1)),
            "window_started_at": case((over, now), else_=ThrottleRow.window_started_at),
        },
    ).returning(ThrottleRow.attempts, ThrottleRow.window_started_at)
    row = (await tx.execute(counted)).one()
    return row.attempts, row.window_started_at


def _names(subjects: Sequence[tuple[str, Limit]]) -> list[str]:
    return [subject for subject, _ in subjects]
