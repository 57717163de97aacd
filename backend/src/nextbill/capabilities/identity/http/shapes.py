"""What comes in and goes out on the routes of identity."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from nextbill.capabilities.identity.commands.tokens import Tokens
from nextbill.capabilities.identity.queries import AuditEntry, Login, PanelKey, Session
from nextbill.capabilities.identity.rules import PERMISSIONS, RoleName
from nextbill.kernel.email_address import parse_email
from nextbill.runtime.web.shapes import Body

# Passwords are taken as they are typed, blanks at the ends included; their length is judged by the rules, with words.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=1024), Field(examples=["correct horse battery"])]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(parse_email), Field(examples=["ada@example.com"])]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(examples=["left the team"])
]


class LoginBody(Body):
    email: Annotated[str, StringConstraints(max_length=254), Field(examples=["ada@example.com"])]
    password: Password


class RefreshBody(Body):
    refresh_token: Annotated[str, StringConstraints(max_length=200)]


class TokenBody(Body):
    token: Annotated[str, StringConstraints(max_length=200)]


class ForgotBody(Body):
    email: Email


class ResetBody(Body):
    token: Annotated[str, StringConstraints(max_length=200)]
    password: Password


class ChangePasswordBody(Body):
    old_password: Password
    new_password: Password


class Accepted(BaseModel):
    """The same answer whatever we know about the address."""

    status: str = Field(examples=["check_your_mail"])


class SessionBody(BaseModel):
    """`expires_in`: seconds. A refresh token is good once; the next one comes with the new access token."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a scheme, not a secret
    expires_in: int = Field(examples=[900])
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    session_id: UUID

    @classmethod
    def of(cls, tokens: Tokens, *, now: datetime) -> SessionBody:
        return cls(
            access_token=tokens.access_token,
            expires_in=int((tokens.access_expires_at - now).total_seconds()),
            access_expires_at=tokens.access_expires_at,
            refresh_token=tokens.refresh_token,
            refresh_expires_at=tokens.refresh_expires_at,
            session_id=tokens.session_id,
        )


class OpenSession(BaseModel):
    id: UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: UUID | None) -> OpenSession:
        return cls(
            id=session.id,
            created_at=session.created_at,
            refreshed_at=session.rotated_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


class OpenSessions(BaseModel):
    items: list[OpenSession]


class MeBody(BaseModel):
    """Who is logged in, and what they may do."""

    id: UUID
    email: str = Field(examples=["ada@example.com"])
    email_verified: bool
    role: RoleName
    customer_id: UUID | None
    permissions: list[str] = Field(examples=[["orders.place"]])
    session_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, login: Login, *, session_id: UUID | None) -> MeBody:
        return cls(
            id=login.id,
            email=login.email,
            email_verified=login.verified_at is not None,
            role=login.role,
            customer_id=login.customer_id,
            permissions=sorted(PERMISSIONS[login.role]),
            session_id=session_id,
            created_at=login.created_at,
        )


class UserBody(BaseModel):
    """A login as staff see it. `version` is also the ETag."""

    id: UUID
    email: str = Field(examples=["ada@example.com"])
    role: RoleName
    customer_id: UUID | None
    email_verified: bool
    disabled: bool
    disabled_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, login: Login) -> UserBody:
        return cls(
            id=login.id,
            email=login.email,
            role=login.role,
            customer_id=login.customer_id,
            email_verified=login.verified_at is not None,
            disabled=login.disabled_at is not None,
            disabled_at=login.disabled_at,
            created_at=login.created_at,
            version=login.version,
        )


class InviteBody(Body):
    email: Email
    role: RoleName
    reason: Reason


class UserChangeBody(Body):
    role: RoleName | None = None
    disabled: bool | None = None
    reason: Reason


class PanelKeyBody(BaseModel):
    """Never the secret: it is shown once, when the key is made."""

    id: UUID
    key_id: str = Field(examples=["npk_3kT9…"])
    name: str
    permissions: list[str] = Field(examples=[["validate", "usage"]])
    addresses: list[str] = Field(examples=[["203.0.113.5/32"]])
    server_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: PanelKey) -> PanelKeyBody:
        return cls(
            id=key.id,
            key_id=key.key_id,
            name=key.name,
            permissions=list(key.permissions),
            addresses=list(key.addresses),
            server_id=key.server_id,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )


class NewPanelKeyBody(BaseModel):
    key_id: str = Field(examples=["npk_3kT9…"])
    secret: str = Field(description="Shown now and never again", examples=["nps_…"])


class CreatePanelKeyBody(Body):
    name: Line
    permissions: list[Annotated[str, StringConstraints(max_length=40)]] = Field(max_length=20, examples=[["validate"]])
    server_id: UUID | None = None
    addresses: list[Annotated[str, StringConstraints(max_length=50)]] = Field(default=[], max_length=50, examples=[["203.0.113.0/24"]])
    expires_at: AwareDatetime | None = None


class AuditBody(BaseModel):
    id: UUID
    at: datetime
    actor: str = Field(examples=["staff:0190…"])
    action: str = Field(examples=["login.disabled"])
    object_type: str
    object_id: str
    customer_id: UUID | None
    reason: str | None
    detail: dict[str, object] | None
    correlation: str

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditBody:
        return cls(
            id=entry.id,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            customer_id=entry.customer_id,
            reason=entry.reason,
            detail=entry.detail,
            correlation=entry.correlation,
        )
