"""What hosting's routes take and give."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from nextbill.capabilities.hosting.ports import AccountStats
from nextbill.capabilities.hosting.queries import Account, Server
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.email_address import parse_email
from nextbill.runtime.web.shapes import Body

_ID = "0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c"
_HEADER_SAFE = r"^[\x21-\x7e]+$"


def _domain(text: str) -> str:
    return DomainName.parse(text).ascii


def _nameserver(text: str) -> str:
    name = DomainName.parse(text).ascii
    if name.count(".") < 2:
        raise ValueError("a name server's host name has three parts or more, such as ns1.example.net")
    return name


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", text):
        raise ValueError("an http or https address such as https://panel1.example.net:9000, without a login or a query in it")
    port = re.search(r":(\d+)(?:/|$)", text.partition("://")[2])
    if port and not 1 <= int(port.group(1)) <= 65535:
        raise ValueError("a port between 1 and 65535")
    return text.rstrip("/")


Hostname = Annotated[str, Field(max_length=253), AfterValidator(_nameserver)]
Name = Annotated[str, Field(max_length=253), AfterValidator(_domain)]
Email = Annotated[str, Field(max_length=254), AfterValidator(parse_email)]


class NewServerBody(Body):
    """`capacity`: how many accounts it takes. Name servers go to the registrar with each domain hosted here."""

    name: str = Field(min_length=1, max_length=100, examples=["panel-1"])
    base_url: Annotated[str, Field(max_length=300), AfterValidator(_web_address)] = Field(examples=["https://panel1.example.net:9000"])
    api_key: str = Field(min_length=1, max_length=200, pattern=_HEADER_SAFE, examples=["npk_…"])
    api_secret: str = Field(min_length=1, max_length=200, pattern=_HEADER_SAFE, examples=["nps_…"])
    nameservers: list[Hostname] = Field(min_length=2, max_length=13, examples=[["ns1.example.net", "ns2.example.net"]])
    capacity: int = Field(ge=1, le=1_000_000, examples=[200])


class ServerBody(BaseModel):
    """`abilities`: which calls the last connection test found; null before the first. `problem`: what it complained of."""

    id: UUID = Field(examples=[_ID])
    name: str = Field(examples=["panel-1"])
    base_url: str = Field(examples=["https://panel1.example.net:9000"])
    nameservers: list[str] = Field(examples=[["ns1.example.net", "ns2.example.net"]])
    provisioning: str = Field(examples=["accounts"])
    capacity: int = Field(examples=[200])
    used: int = Field(examples=[42])
    status: str = Field(examples=["active"])
    health: str = Field(examples=["up"])
    abilities: dict[str, Any] | None = Field(examples=[{"finds_by_billing_id": True, "resets_password": False}])
    problem: str | None = Field(examples=[None])
    tested_at: datetime | None
    checked_at: datetime | None
    added_at: datetime
    version: int = Field(examples=[1])

    @classmethod
    def of(cls, server: Server) -> Self:
        return cls(
            id=server.id,
            name=server.name,
            base_url=server.base_url,
            nameservers=list(server.nameservers),
            provisioning=server.provisioning,
            capacity=server.capacity,
            used=server.used,
            status=server.state,
            health=server.health,
            abilities=server.abilities,
            problem=server.problem,
            tested_at=server.tested_at,
            checked_at=server.checked_at,
            added_at=server.added_at,
            version=server.version,
        )


class ServersBody(BaseModel):
    items: list[ServerBody]


class ServerStatusBody(BaseModel):
    id: UUID = Field(examples=[_ID])
    name: str = Field(examples=["panel-1"])
    status: str = Field(examples=["active"])
    health: str = Field(examples=["up"])
    used: int = Field(examples=[42])
    capacity: int = Field(examples=[200])
    checked_at: datetime | None


class FleetBody(BaseModel):
    """`free`: places on servers that take accounts now."""

    servers: list[ServerStatusBody]
    capacity: int = Field(examples=[400])
    used: int = Field(examples=[97])
    free: int = Field(examples=[303])


class ServerStateBody(Body):
    status: Literal["active", "draining", "disabled"]


class ProvisionBody(Body):
    """An account that staff makes. `external_id`: the same one again answers with the same account. `features`: `max_…` as panels name limits."""

    customer_id: UUID = Field(examples=[_ID])
    external_id: UUID = Field(examples=[_ID])
    plan: str = Field(min_length=1, max_length=64, examples=["professional"])
    features: dict[str, Annotated[int, Field(ge=0)] | None] = Field(default_factory=dict, max_length=40, examples=[{"max_databases": 50}])
    license_key: str | None = Field(default=None, max_length=64, examples=["NP-7K4M-Q2XD-9TRW"])
    email: Email | None = Field(default=None, examples=["ann@example.com"], description="left out: the customer's")
    full_name: str | None = Field(default=None, min_length=1, max_length=200, examples=["Ann Example"], description="left out: the customer's")
    domain: Name | None = Field(default=None, examples=["shopfoo.com"])
    server_id: UUID | None = Field(default=None, description="left out: the least filled one")


class AccountBody(BaseModel):
    """`login_url` is where its holder logs in. `first_login`: the one-time link of the welcome mail was not used yet."""

    id: UUID = Field(examples=[_ID])
    status: str = Field(examples=["ready"])
    plan: str = Field(examples=["professional"])
    limits: dict[str, int | None] = Field(examples=[{"databases": 50}])
    domain: str | None = Field(examples=["shopfoo.com"])
    username: str | None = Field(examples=["shopfoo"])
    login_url: str | None = Field(examples=["https://panel1.example.net:9000/login"])
    license_id: UUID | None
    first_login: bool = Field(examples=[True])
    requested_at: datetime
    ready_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(**_common(account))


class StaffAccountBody(AccountBody):
    customer_id: UUID
    server_id: UUID | None
    panel_ref: str | None = Field(examples=["1001"])
    reference_type: str = Field(examples=["orders.line"])
    reference_id: UUID
    suspension_reasons: list[str] = Field(examples=[[]])
    reason: str | None = Field(examples=[None], description="why it is parked or was refused")

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            **_common(account),
            customer_id=account.customer_id,
            server_id=account.server_id,
            panel_ref=account.panel_ref,
            reference_type=account.reference_type,
            reference_id=account.reference_id,
            suspension_reasons=list(account.suspension_reasons),
            reason=account.reason,
        )


def _common(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "status": account.state,
        "plan": account.plan_code,
        "limits": account.limits,
        "domain": account.domain,
        "username": account.username,
        "login_url": account.panel_url,
        "license_id": account.license_id,
        "first_login": account.first_login_open,
        "requested_at": account.requested_at,
        "ready_at": account.ready_at,
    }


class SuspendBody(Body):
    reason: Literal["unpaid", "abuse", "fraud", "legal"]
    note: str = Field(min_length=3, max_length=500, examples=["Spam reported by three recipients, ticket TCK-2026-000017"])


class DeleteBody(Body):
    note: str = Field(min_length=3, max_length=500, examples=["Cancelled by the customer, data exported"])


class MoveBody(Body):
    note: str = Field(min_length=3, max_length=500, examples=["panel-1 is down for the day"])
    server_id: UUID | None = Field(default=None, description="left out: the least filled other one")


class ChangeBody(BaseModel):
    """`requested`: the panel is being told now; `unchanged`: there was nothing to tell it."""

    account_id: UUID = Field(examples=[_ID])
    status: Literal["requested", "unchanged"]


class StatsBody(BaseModel):
    """As the panel counts at this moment; null where it does not tell."""

    username: str = Field(examples=["shopfoo"])
    email: str = Field(examples=["ann@example.com"])
    domains: int | None = Field(examples=[1])
    databases: int | None = Field(examples=[2])
    emails: int | None = Field(examples=[5])
    certificates: int | None = Field(examples=[1])
    storage_bytes: int | None = Field(examples=[73400320])
    last_login: datetime | None
    age_days: int | None = Field(examples=[12])

    @classmethod
    def of(cls, stats: AccountStats) -> Self:
        return cls(
            username=stats.username,
            email=stats.email,
            domains=stats.domains,
            databases=stats.databases,
            emails=stats.emails,
            certificates=stats.certificates,
            storage_bytes=stats.storage_bytes,
            last_login=stats.last_login,
            age_days=stats.age_days,
        )


class TokenBody(Body):
    token: str = Field(min_length=1, max_length=200)


class FirstLoginBody(BaseModel):
    """Shown this once. Keep the password now: our copy is erased."""

    username: str = Field(examples=["shopfoo"])
    password: str
    login_url: str = Field(examples=["https://panel1.example.net:9000/login"])
    domain: str | None = Field(examples=["shopfoo.com"])
