"""Shapes of payments on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nextbill.capabilities.payments.queries import Attempt, RefundView
from nextbill.runtime.web.shapes import Body, MoneyBody

PATH = r"^/([\x21-\x2e\x30-\x5b\x5d-\x7e][\x21-\x5b\x5d-\x7e]*)?$"
"""A path of one host: no second slash that would name another, no backslash that browsers take for one."""
_SHOWN = {"requested": "opening", "parked": "waiting_for_staff"}


class IntentRequest(Body):
    """What to pay, by exactly one reference. It takes no amount: that is ours to know. `return_path` is a path of the portal."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [{"order_id": "0199d3a0-7a50-7c44-9d52-1f2f6a3c9b10"}]}
    )

    order_id: UUID | None = None
    invoice_id: UUID | None = None
    payable_id: UUID | None = None
    save_card: bool = Field(default=False, description="The card's holder agrees that it is kept and charged for what falls due later.")
    return_path: str | None = Field(default=None, max_length=300, pattern=PATH, examples=["/orders/0199d3a0-7a50-7c44-9d52-1f2f6a3c9b10"])

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        if sum(value is not None for value in (self.order_id, self.invoice_id, self.payable_id)) != 1:
            raise ValueError("name exactly one of order_id, invoice_id, payable_id")
        return self


class PayRequest(Body):
    """Nothing is needed to pay an order; `return_path` is a path of the portal."""

    save_card: bool = Field(default=False, description="The card's holder agrees that it is kept and charged for what falls due later.")
    return_path: str | None = Field(default=None, max_length=300, pattern=PATH, examples=["/orders"])


class IntentBody(BaseModel):
    """Send the customer's browser to `checkout_url`. With status `opening` there is none yet: read the payment again in a moment."""

    payment_id: UUID
    payable_id: UUID
    status: str = Field(examples=["open"])
    amount: MoneyBody
    checkout_url: str | None = Field(examples=["https://checkout.stripe.com/c/pay/cs_test_a1"])
    expires_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> IntentBody:
        return cls(
            payment_id=attempt.id,
            payable_id=attempt.payable_id,
            status=shown(attempt),
            amount=MoneyBody.of(attempt.amount),
            checkout_url=attempt.checkout_url,
            expires_at=attempt.expires_at,
        )


class PaymentBody(BaseModel):
    """A try at paying. `failure` is why the last card was declined, or why nothing could be opened; the payment may still succeed while it is `open`."""

    id: UUID
    customer_id: UUID
    payable_id: UUID
    kind: Literal["checkout", "charge"] = Field(description="A page on which the customer paid, or a saved card charged without them.")
    method_id: UUID | None
    status: str = Field(examples=["succeeded"])
    amount: MoneyBody
    paid: MoneyBody
    refunded: MoneyBody
    surplus: bool
    checkout_url: str | None
    failure: str | None = Field(examples=["insufficient_funds"])
    failure_message: str | None = Field(examples=["Your card has insufficient funds."])
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, attempt: Attempt) -> PaymentBody:
        return cls(
            id=attempt.id,
            customer_id=attempt.customer_id,
            payable_id=attempt.payable_id,
            kind="charge" if attempt.kind == "charge" else "checkout",
            method_id=attempt.method_id,
            status=shown(attempt),
            amount=MoneyBody.of(attempt.amount),
            paid=MoneyBody.of(attempt.paid),
            refunded=MoneyBody.of(attempt.refunded),
            surplus=attempt.surplus,
            checkout_url=attempt.checkout_url,
            failure=attempt.error,
            failure_message=attempt.error_message,
            created_at=attempt.requested_at,
            expires_at=attempt.expires_at,
            finished_at=attempt.finished_at,
        )


class RefundRequest(Body):
    """Without an amount: all that is left of the payment."""

    amount: MoneyBody | None = None
    reason: str = Field(min_length=3, max_length=500, examples=["Ordered twice by mistake"])


class RefundBody(BaseModel):
    id: UUID
    payment_id: UUID
    status: str = Field(examples=["succeeded"])
    amount: MoneyBody
    surplus: bool
    reason: str
    failure: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, refund: RefundView) -> RefundBody:
        return cls(
            id=refund.id,
            payment_id=refund.attempt_id,
            status=refund.state,
            amount=MoneyBody.of(refund.amount),
            surplus=refund.surplus,
            reason=refund.reason,
            failure=refund.error,
            created_at=refund.requested_at,
            finished_at=refund.finished_at,
        )


class PaymentDetail(PaymentBody):
    refunds: list[RefundBody]


class PaymentTotal(BaseModel):
    """Payments requested in the span, of one currency and status."""

    status: str
    count: int
    amount: MoneyBody
    paid: MoneyBody
    refunded: MoneyBody


class PaymentStats(BaseModel):
    start: datetime
    end: datetime
    totals: list[PaymentTotal]


class Acknowledged(BaseModel):
    """`stored` is False for what we had already or do not listen to."""

    received: bool = True
    stored: bool


def shown(attempt: Attempt) -> str:
    return _SHOWN.get(attempt.state, attempt.state)
