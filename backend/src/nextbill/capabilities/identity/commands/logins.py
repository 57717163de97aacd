"""Logins: created, verified, given another password, changed by staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.identity.commands.audit_log import audit
from nextbill.capabilities.identity.commands.one_time_tokens import drop_tokens, redeem_token
from nextbill.capabilities.identity.commands.sessions import end_sessions
from nextbill.capabilities.identity.errors import BadCredentials, EmailTaken, NotYourself, RoleNotPossible, VersionOutdated
from nextbill.capabilities.identity.events import (
    EmailVerificationRequested,
    EmailVerified,
    LoginCreated,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationRepeated,
)
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.identity.queries import Credentials, Login, find_login, get_login, lock_login
from nextbill.capabilities.identity.rules import LoginId, PasswordHash, RoleName
from nextbill.kernel.email_address import parse_email
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

ASKED_FOR_RESET = "identity.asked_for_reset"


async def create_login(
    tx: Tx, *, email: str, password_hash: PasswordHash, role: RoleName, customer_id: UUID | None = None, verified: bool = False, now: datetime
) -> LoginId:
    """EmailTaken, whatever the case of its letters. A customer's login asks for the verification mail."""
    login_id = LoginId(new_id())
    values = {"id": login_id, "email": _email(email), "password_hash": password_hash, "role": role, "customer_id": customer_id}
    statement = upsert(LoginRow).values(**values, verified_at=now if verified else None, created_at=now)
    if (await tx.execute(statement.on_conflict_do_nothing().returning(LoginRow.id))).first() is None:
        raise EmailTaken
    await publish(tx, LoginCreated(login_id=login_id, customer_id=customer_id), now=now)
    if not verified:
        await publish(tx, EmailVerificationRequested(login_id=login_id), now=now)
    return login_id


async def create_admin(tx: Tx, *, email: str, password_hash: PasswordHash, role: RoleName = "admin", now: datetime) -> LoginId:
    """A staff login by somebody at the machine: verified from the start. EmailTaken, RoleNotPossible for a customer's role."""
    if role == "customer":
        raise RoleNotPossible("Customers register themselves.")
    login_id = await create_login(tx, email=email, password_hash=password_hash, role=role, verified=True, now=now)
    await audit(tx, actor="system", action="login.created", object_type="login", object_id=login_id, detail={"role": role}, now=now)
    return login_id


async def invite_staff(tx: Tx, *, email: str, unusable: PasswordHash, role: RoleName, actor: str, reason: str, now: datetime) -> LoginId:
    """A staff login whose owner chooses the password by the mail that follows."""
    if role == "customer":
        raise RoleNotPossible("Customers register themselves.")
    login_id = await create_login(tx, email=email, password_hash=unusable, role=role, verified=True, now=now)
    await audit(tx, actor=actor, action="login.created", object_type="login", object_id=login_id, reason=reason, detail={"role": role}, now=now)
    await publish(tx, PasswordResetRequested(login_id=login_id), now=now)
    return login_id


async def note_repeated_registration(tx: Tx, *, email: str, now: datetime) -> None:
    """The one who registered gets the usual answer; the owner of the mailbox is told by mail."""
    login = await find_login(tx, _email(email))
    if login is not None:
        await publish(tx, RegistrationRepeated(login_id=login.id, customer_id=login.customer_id), now=now)


async def request_verification(tx: Tx, *, login_id: UUID, now: datetime) -> None:
    """Nothing where the address is verified already."""
    if (await get_login(tx, login_id)).verified_at is None:
        await publish(tx, EmailVerificationRequested(login_id=login_id), now=now)


async def verify_email(tx: Tx, *, token: str, now: datetime) -> Login:
    """BadOneTimeToken where the token is not good."""
    row = await lock_login(tx, await redeem_token(tx, token=token, purpose="verify_email", now=now))
    await _verified(tx, row, now=now)
    return await get_login(tx, row.id)


async def ask_for_reset(tx: Tx, *, email: str) -> None:
    """The same work for every address: one read and one job, which knows whether there is something to do."""
    login = await find_login(tx, email)
    await jobs.enqueue(tx, ASKED_FOR_RESET, {"login_id": str(login.id) if login else None})


async def request_password_reset(tx: Tx, *, login_id: UUID, now: datetime) -> None:
    """Nothing where the login is disabled."""
    login = await get_login(tx, login_id)
    if login.disabled_at is None:
        await publish(tx, PasswordResetRequested(login_id=login.id), now=now)


async def reset_password(tx: Tx, *, token: str, password_hash: PasswordHash, now: datetime) -> None:
    """Ends all sessions and all other reset links. Whoever had the mail owns the mailbox, so the address is verified as well."""
    row = await lock_login(tx, await redeem_token(tx, token=token, purpose="reset_password", now=now))
    await _new_password(tx, row, password_hash, keep=None, now=now)
    await _verified(tx, row, now=now)


async def change_password(tx: Tx, *, verified: Credentials, password_hash: PasswordHash, keep_session: UUID | None, now: datetime) -> None:
    """By its owner, who gave the old one: all other sessions end."""
    row = await lock_login(tx, verified.login_id)
    if row.password_hash != verified.password_hash:
        raise BadCredentials
    await _new_password(tx, row, password_hash, keep=keep_session, now=now)


async def change_login(
    tx: Tx, *, login_id: UUID, role: RoleName | None, disabled: bool | None, expected_version: int | None, actor: Login, reason: str, now: datetime
) -> Login:
    """By staff, with a reason. A change of role or disabling ends its sessions. VersionOutdated, NotYourself, RoleNotPossible."""
    row = await lock_login(tx, login_id)
    if expected_version is not None and row.version != expected_version:
        raise VersionOutdated("Read it again, then decide.")
    if row.id == actor.id:
        raise NotYourself
    if role is not None and role != row.role:
        await _change_role(tx, row, role, actor=actor, reason=reason, now=now)
    if disabled is not None and disabled != (row.disabled_at is not None):
        await _change_disabled(tx, row, disabled=disabled, actor=actor, reason=reason, now=now)
    await tx.flush()
    return await get_login(tx, login_id)


async def _change_role(tx: Tx, row: LoginRow, role: RoleName, *, actor: Login, reason: str, now: datetime) -> None:
    if "customer" in (role, row.role):
        raise RoleNotPossible("A customer's login stays one, and staff cannot become customers: use another address.")
    detail = {"from": row.role, "to": role}
    row.role, row.version = role, row.version + 1
    await end_sessions(tx, login_id=row.id, reason="role", now=now)
    await audit(
        tx, actor=f"staff:{actor.id}", action="login.role_changed", object_type="login", object_id=row.id, reason=reason, detail=detail, now=now
    )


async def _change_disabled(tx: Tx, row: LoginRow, *, disabled: bool, actor: Login, reason: str, now: datetime) -> None:
    row.disabled_at, row.version = (now if disabled else None), row.version + 1
    if disabled:
        await end_sessions(tx, login_id=row.id, reason="disabled", now=now)
    action = "login.disabled" if disabled else "login.enabled"
    await audit(
        tx, actor=f"staff:{actor.id}", action=action, object_type="login", object_id=row.id, customer_id=row.customer_id, reason=reason, now=now
    )


async def _new_password(tx: Tx, row: LoginRow, password_hash: PasswordHash, *, keep: UUID | None, now: datetime) -> None:
    row.password_hash = password_hash
    await end_sessions(tx, login_id=row.id, reason="password", keep=keep, now=now)
    await drop_tokens(tx, login_id=row.id, purpose="reset_password", now=now)
    await publish(tx, PasswordChanged(login_id=row.id), now=now)


async def _verified(tx: Tx, row: LoginRow, *, now: datetime) -> None:
    if row.verified_at is None:
        row.verified_at = now
        await tx.flush()
        await publish(tx, EmailVerified(login_id=row.id, customer_id=row.customer_id), now=now)


def _email(text: str) -> str:
    try:
        return parse_email(text)
    except ValueError as error:
        raise Invalid(fields={"email": str(error)}) from None
