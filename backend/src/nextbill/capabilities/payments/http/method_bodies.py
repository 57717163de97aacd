"""Shapes of saved cards and of what is charged to them, on the wire."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities.payments.http.bodies import PATH
from nextbill.capabilities.payments.queries import CollectionView, MethodView, SetupView
from nextbill.runtime.web.shapes import Body, MoneyBody

_SHOWN = {"requested": "opening", "parked": "waiting_for_staff"}


class SetupRequest(Body):
    """`consent`: the card's holder agrees that it is kept and charged for what falls due. `return_path` is a path of the portal."""

    consent: bool = Field(examples=[True])
    return_path: str | None = Field(default=None, max_length=300, pattern=PATH, examples=["/payment-methods"])


class SetupBody(BaseModel):
    """Send the customer's browser to `setup_url`. With status `opening` there is none yet: read the setup again in a moment."""

    id: UUID
    status: str = Field(examples=["open"], description="opening, open, succeeded, failed, expired or waiting_for_staff")
    setup_url: str | None = Field(examples=["https://checkout.stripe.com/c/pay/cs_test_a1"])
    method_id: UUID | None = Field(description="The card that came of it.")
    failure: str | None
    expires_at: datetime

    @classmethod
    def of(cls, setup: SetupView) -> SetupBody:
        return cls(
            id=setup.id,
            status=_SHOWN.get(setup.state, setup.state),
            setup_url=setup.setup_url,
            method_id=setup.method_id,
            failure=setup.error,
            expires_at=setup.expires_at,
        )


class MethodBody(BaseModel):
    """A saved card. `problem` is what its bank last said against a charge; with `barred` it is not charged any more until it is saved anew."""

    id: UUID
    customer_id: UUID
    brand: str = Field(examples=["visa"])
    last4: str = Field(examples=["4242"])
    exp_month: int
    exp_year: int
    expires_on: date = Field(description="The last day on which it is good.")
    funding: str = Field(examples=["credit"])
    is_default: bool = Field(description="The one that is charged.")
    problem: str | None = Field(examples=["insufficient_funds"])
    barred: bool
    created_at: datetime

    @classmethod
    def of(cls, method: MethodView) -> MethodBody:
        return cls(
            id=method.id,
            customer_id=method.customer_id,
            brand=method.brand,
            last4=method.last4,
            exp_month=method.exp_month,
            exp_year=method.exp_year,
            expires_on=method.expires_on,
            funding=method.funding,
            is_default=method.is_default,
            problem=method.problem,
            barred=method.barred,
            created_at=method.created_at,
        )


class CollectionBody(BaseModel):
    """Something that is charged to the default card by itself: `due` on `next_try_on`, `trying`, `waiting` for the customer, `collected`, `given_up`
    or `stopped` (paid another way, or cancelled). `reason`: what was last said against it."""

    payable_id: UUID
    customer_id: UUID
    reference_type: str = Field(examples=["invoicing.invoice"])
    reference_id: UUID
    amount: MoneyBody
    state: str = Field(examples=["due"])
    started_on: date
    next_try_on: date | None
    tries: int
    reason: str | None = Field(examples=["insufficient_funds"])

    @classmethod
    def of(cls, collection: CollectionView) -> CollectionBody:
        return cls(
            payable_id=collection.payable_id,
            customer_id=collection.customer_id,
            reference_type=collection.reference_type,
            reference_id=collection.reference_id,
            amount=MoneyBody.of(collection.amount),
            state=collection.state,
            started_on=collection.started_on,
            next_try_on=collection.next_try_on,
            tries=collection.tries,
            reason=collection.reason,
        )


class AgainRequest(Body):
    reason: str = Field(min_length=3, max_length=500, examples=["The customer has spoken with their bank"])
