"""Shapes of customers, and of what they hold, as staff see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities import customers, licensing
from nextbill.capabilities.admin.queries.customers import CustomerFile, CustomerItem, LoginState
from nextbill.capabilities.admin.queries.holdings import LicenseItem, Owner, PaymentItem
from nextbill.runtime.web.shapes import MoneyBody


class CustomerItemBody(BaseModel):
    id: UUID
    number: str = Field(examples=["CUS-000042"])
    name: str = Field(examples=["Ada Lovelace"])
    company: str | None
    email: str = Field(examples=["ada@example.com"])
    email_verified: bool
    disabled: bool
    status: customers.Status
    country: str | None = Field(examples=["US"])
    created_at: datetime

    @classmethod
    def of(cls, item: CustomerItem) -> CustomerItemBody:
        return cls(
            id=item.id,
            number=item.number,
            name=item.name,
            company=item.company,
            email=item.email,
            email_verified=item.email_verified,
            disabled=item.disabled,
            status=item.status,
            country=item.country,
            created_at=item.created_at,
        )


class PostalAddressBody(BaseModel):
    line_1: str
    line_2: str
    city: str
    state: str
    postal_code: str
    country: str = Field(examples=["US"])

    @classmethod
    def of(cls, address: customers.Address) -> PostalAddressBody:
        return cls(
            line_1=address.line_1,
            line_2=address.line_2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            country=address.country,
        )


class LoginStateBody(BaseModel):
    """`id` is the user of `/admin/users/{user_id}`, where the login is disabled and enabled; `version` is its ETag."""

    id: UUID
    email_verified_at: datetime | None
    disabled_at: datetime | None
    version: int

    @classmethod
    def of(cls, login: LoginState) -> LoginStateBody:
        return cls(id=login.id, email_verified_at=login.verified_at, disabled_at=login.disabled_at, version=login.version)


class CustomerFileBody(BaseModel):
    """`address` is null until the customer has given one."""

    id: UUID
    number: str = Field(examples=["CUS-000042"])
    name: str = Field(examples=["Ada Lovelace"])
    company: str | None
    email: str = Field(examples=["ada@example.com"])
    phone: str | None = Field(examples=["+14155550123"])
    status: customers.Status
    tax_id: str | None
    locale: str = Field(examples=["en"])
    address: PostalAddressBody | None
    login: LoginStateBody
    created_at: datetime

    @classmethod
    def of(cls, found: CustomerFile) -> CustomerFileBody:
        customer = found.customer
        return cls(
            id=customer.id,
            number=customer.number,
            name=customer.name,
            company=customer.company,
            email=customer.email,
            phone=customer.phone,
            status=customer.status,
            tax_id=customer.tax_id,
            locale=customer.locale,
            address=PostalAddressBody.of(customer.address) if customer.address else None,
            login=LoginStateBody.of(found.login),
            created_at=customer.created_at,
        )


class OwnerBody(BaseModel):
    id: UUID
    number: str = Field(examples=["CUS-000042"])
    name: str = Field(examples=["Ada Lovelace"])
    email: str = Field(examples=["ada@example.com"])

    @classmethod
    def of(cls, owner: Owner) -> OwnerBody:
        return cls(id=owner.id, number=owner.number, name=owner.name, email=owner.email)


class QuotaItemBody(BaseModel):
    """`limit`, `remaining` and `percent` are null where unlimited. `overridden`: staff gave this license a limit of its own."""

    resource: str = Field(examples=["databases"])
    limit: int | None = Field(examples=[50])
    used: int = Field(examples=[3])
    reserved: int = Field(examples=[0])
    remaining: int | None = Field(examples=[47])
    percent: int | None = Field(examples=[6])
    over_limit: bool = Field(examples=[False])
    overridden: bool = Field(examples=[False])
    plan_limit: int | None = Field(examples=[50])

    @classmethod
    def of(cls, resource: str, quota: licensing.Quota) -> QuotaItemBody:
        shown = ("limit", "used", "reserved", "remaining", "percent", "over_limit", "overridden", "plan_limit")
        return cls(resource=resource, **{name: getattr(quota, name) for name in shown})


class LicenseItemBody(BaseModel):
    """Never the key: `key_hint` shows its last group."""

    id: UUID
    customer: OwnerBody
    plan: str = Field(examples=["professional"])
    plan_name: str = Field(examples=["Professional"])
    features: list[str] = Field(examples=[["priority_support"]])
    plan_features: list[str] = Field(examples=[["priority_support"]])
    key_hint: str = Field(examples=["NP-••••-••••-9TRW"])
    key_rotated_at: datetime | None
    status: str = Field(examples=["active"])
    suspension_reasons: list[str] = Field(examples=[[]])
    server_id: UUID | None
    expires_at: datetime | None
    issued_at: datetime
    quotas: list[QuotaItemBody]

    @classmethod
    def of(cls, item: LicenseItem) -> LicenseItemBody:
        found = item.license
        return cls(
            id=found.id,
            customer=OwnerBody.of(item.owner),
            plan=found.plan_code,
            plan_name=found.plan_name,
            features=list(found.features),
            plan_features=list(found.plan_features),
            key_hint=found.key_hint,
            key_rotated_at=found.key_rotated_at,
            status=found.state,
            suspension_reasons=list(found.suspension_reasons),
            server_id=found.server_id,
            expires_at=found.expires_at,
            issued_at=found.issued_at,
            quotas=[QuotaItemBody.of(resource, quota) for resource, quota in found.quotas.items()],
        )


class PaymentItemBody(BaseModel):
    """One try at paying. `gateway_reference` is the gateway's own name of it; `surplus`: it came for what was paid already, and goes back."""

    id: UUID
    customer: OwnerBody
    state: str = Field(examples=["succeeded"])
    amount: MoneyBody
    paid: MoneyBody
    refunded: MoneyBody
    surplus: bool
    failure: str | None = Field(examples=["insufficient_funds"])
    failure_message: str | None
    gateway_reference: str | None = Field(examples=["pi_1a2b3c"])
    order_id: UUID | None
    order_number: str | None = Field(examples=["ORD-2026-000042"])
    requested_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, item: PaymentItem) -> PaymentItemBody:
        return cls(
            id=item.id,
            customer=OwnerBody.of(item.owner),
            state=item.state,
            amount=MoneyBody.of(item.amount),
            paid=MoneyBody.of(item.paid),
            refunded=MoneyBody.of(item.refunded),
            surplus=item.surplus,
            failure=item.error,
            failure_message=item.error_message,
            gateway_reference=item.payment_ref,
            order_id=item.order_id,
            order_number=item.order_number,
            requested_at=item.requested_at,
            finished_at=item.finished_at,
        )
