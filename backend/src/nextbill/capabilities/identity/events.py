"""Facts about logins. Tokens and passwords are never in them; whoever writes the mail asks for a token itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class LoginCreated(Event):
    login_id: UUID
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class EmailVerificationRequested(Event):
    """A new customer's login, or one who asked for the mail again: the mail's reaction calls `issue_token`."""

    login_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailVerified(Event):
    login_id: UUID
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class RegistrationRepeated(Event):
    """Somebody registered with the address of an existing login; only its owner's mailbox is told."""

    login_id: UUID
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(Event):
    login_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """By its owner or by a reset; other sessions have ended. The owner is told by mail."""

    login_id: UUID


@dataclass(frozen=True, kw_only=True)
class SessionReused(Event):
    """A refresh token came a second time, later than a lost answer explains: the session has ended, its tokens may be stolen."""

    login_id: UUID
    session_id: UUID
