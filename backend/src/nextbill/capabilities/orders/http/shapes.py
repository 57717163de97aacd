"""What comes in and goes out of orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, overload
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands import PricedLine, PricedPart, Quote, Renewal
from nextbill.capabilities.orders.queries import Order, OrderLine, OrderPart
from nextbill.capabilities.orders.rules import ITEMS_MAX, Stage
from nextbill.kernel.money import total
from nextbill.kernel.period import Unit
from nextbill.runtime import words
from nextbill.runtime.web import language
from nextbill.runtime.web.shapes import Body, MoneyBody

EXAMPLE_HOSTING: JsonDict = {
    "kind": "hosting",
    "plan": "professional",
    "cycle": {"unit": "month", "count": 1},
    "domain": {"kind": "register", "name": "example.com", "years": 1},
}
EXAMPLE_CONSENT: JsonDict = {"terms_version": "2026-01", "status": "consumer", "immediate_start": True, "registrar_terms": True}


class OrderCycle(Body):
    unit: Unit = "month"
    count: int = Field(default=1, ge=1, le=60)


class DomainChoiceBody(Body):
    """`register` buys the name with the plan for so many years; `own` is a name that the customer has already."""

    kind: Literal["register", "own"]
    name: str = Field(max_length=300, examples=["example.com"])
    years: int = Field(default=1, ge=1, le=10)


class AddonChoiceBody(Body):
    code: str = Field(max_length=64, examples=["extra-backups"])
    quantity: int = Field(default=1, ge=1, le=100)


class OptionChoiceBody(Body):
    """`value` of a choice; `quantity` of a quantity."""

    code: str = Field(max_length=64, examples=["extra-disk"])
    value: str | None = Field(default=None, max_length=64)
    quantity: int | None = Field(default=None, ge=0, le=1000)


class HostingItemBody(Body):
    kind: Literal["hosting"]
    plan: str = Field(max_length=64, examples=["professional"])
    cycle: OrderCycle = OrderCycle()
    domain: DomainChoiceBody
    addons: list[AddonChoiceBody] = Field(default=[], max_length=20)
    options: list[OptionChoiceBody] = Field(default=[], max_length=20)


class DomainItemBody(Body):
    kind: Literal["domain"]
    name: str = Field(max_length=300, examples=["example.com"])
    years: int = Field(default=1, ge=1, le=10)


class ProductItemBody(Body):
    """`cycle` left out: charged once."""

    kind: Literal["product"]
    product: str = Field(max_length=64, examples=["site-move"])
    cycle: OrderCycle | None = None
    quantity: int = Field(default=1, ge=1, le=100)


ItemBody = Annotated[HostingItemBody | DomainItemBody | ProductItemBody, Field(discriminator="kind")]


class CartBody(Body):
    """What is chosen. It takes no prices: those are ours."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [{"items": [EXAMPLE_HOSTING], "currency": "USD"}]}
    )

    items: list[ItemBody] = Field(max_length=ITEMS_MAX)
    currency: str | None = Field(default=None, max_length=8, description="ISO 4217; the shop's own where left out", examples=["USD"])
    coupon: str | None = Field(default=None, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", description="One for each order", examples=["WELCOME10"])


class ConsentBody(Body):
    """What the customer agreed to at checkout. `immediate_start`: the express wish that delivery begins at once."""

    terms_version: str = Field(min_length=1, max_length=64, examples=["2026-01"])
    status: Literal["consumer", "business"]
    immediate_start: bool
    registrar_terms: bool = False


class OrderRequest(CartBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [EXAMPLE_HOSTING], "currency": "USD", "consent": EXAMPLE_CONSENT}]})

    consent: ConsentBody
    expected_total: MoneyBody | None = Field(
        default=None, description="The total that the customer was shown: another one by now is refused as `price_changed`, and nothing is ordered."
    )


class RenewalBody(BaseModel):
    """What will be charged next, before tax: `net` on about `on` (reckoned from today; the period starts at delivery), `regular` every time after it.

    `discount`: what the coupon takes off that time; `once`: what comes with this first charge only, such as the setup after a trial."""

    cycle: OrderCycle
    on: date
    net: MoneyBody
    discount: MoneyBody
    once: MoneyBody
    regular: MoneyBody

    @classmethod
    def of(cls, renewal: Renewal) -> RenewalBody:
        money = {name: MoneyBody.of(getattr(renewal, name)) for name in ("net", "discount", "once", "regular")}
        return cls(cycle=OrderCycle(unit=renewal.cycle.unit, count=renewal.cycle.count), on=renewal.on, **money)


@overload
def in_words(english: str) -> str: ...
@overload
def in_words(english: None) -> None: ...
def in_words(english: str | None) -> str | None:
    """In the language of the request."""
    return words.line(english, language.current()) if english else english


class PartBody(BaseModel):
    """A part of a line's price: plan, setup, addon, addon_setup, option, domain, product. `unit` times `quantity` less `discount` is `net`."""

    kind: str = Field(examples=["setup"])
    code: str = Field(examples=["professional"])
    description: str = Field(examples=["Setup of Professional"])
    quantity: int
    unit: MoneyBody
    discount: MoneyBody
    discount_note: str | None
    net: MoneyBody
    tax: MoneyBody
    billing: str = Field(examples=["once"])

    @classmethod
    def of(cls, priced: PricedPart) -> PartBody:
        part = priced.shown
        money = {
            "unit": MoneyBody.of(part.unit),
            "discount": MoneyBody.of(part.off),
            "net": MoneyBody.of(part.net),
            "tax": MoneyBody.of(priced.taxed.tax),
        }
        told = {"description": in_words(part.description), "discount_note": in_words("; ".join(part.notes)) or None}
        facts = {"kind": part.kind, "code": part.code, "billing": part.billing, **told}
        return cls.model_validate({**facts, "quantity": part.quantity, **money})


class OrderPartBody(PartBody):
    """`details`: the inputs of the numbers."""

    price_version: int
    details: dict[str, Any]

    @classmethod
    def of_order(cls, part: OrderPart) -> OrderPartBody:
        money = {name: MoneyBody.of(getattr(part, name)) for name in ("unit", "discount", "net", "tax")}
        facts = {name: getattr(part, name) for name in ("kind", "code", "quantity", "billing", "price_version")}
        told = {"description": in_words(part.description), "discount_note": in_words(part.discount_note)}
        return cls.model_validate({**facts, **told, **money, "details": dict(part.details)})


class QuoteLineBody(BaseModel):
    """`list_price` less `discount` is `net`. `limits`: what the license will allow, with add-ons and options; null is unlimited."""

    kind: str = Field(examples=["hosting"])
    description: str = Field(examples=["Professional for example.com"])
    quantity: int
    list_price: MoneyBody
    discount: MoneyBody
    discount_note: str | None
    net: MoneyBody
    tax: MoneyBody
    tax_note: str
    trial_days: int
    included_for: str | None = Field(examples=["first_year"])
    limits: dict[str, int | None]
    parts: list[PartBody]
    renewal: RenewalBody | None

    @classmethod
    def of(cls, line: PricedLine) -> QuoteLineBody:
        draft = line.draft
        facts = {"kind": draft.kind, "description": in_words(draft.description), "quantity": draft.quantity, "trial_days": draft.trial_days}
        money = {name: MoneyBody.of(getattr(line, name)) for name in ("list_price", "discount", "net", "tax")}
        told = {"discount_note": in_words(line.discount_note), "tax_note": line.taxed_because(language.current())}
        notes = {**told, "included_for": draft.included_for, "limits": dict(draft.limits)}
        parts = [PartBody.of(part) for part in line.parts]
        return cls.model_validate({**facts, **money, **notes, "parts": parts, "renewal": RenewalBody.of(line.renewal) if line.renewal else None})


class AppliedCouponBody(BaseModel):
    code: str = Field(examples=["WELCOME10"])
    name: str
    discount: MoneyBody
    periods: int | None = Field(description="How many periods it covers; null: all of them")


class QuoteBody(BaseModel):
    """`tax_final` is false as long as the customer has no address: then no tax is in it yet. With a `total` of zero there is nothing to pay: the order
    is confirmed when it is placed."""

    lines: list[QuoteLineBody]
    list_price: MoneyBody
    discount: MoneyBody
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    tax_final: bool
    coupon: AppliedCouponBody | None

    @classmethod
    def of(cls, quote: Quote) -> QuoteBody:
        currency = quote.net.currency
        found, coupon = quote.coupon, None
        if found is not None:
            coupon = AppliedCouponBody(
                code=found.coupon.code, name=found.coupon.name, discount=MoneyBody.of(quote.taken), periods=found.coupon.periods
            )
        return cls(
            lines=[QuoteLineBody.of(line) for line in quote.lines],
            list_price=MoneyBody.of(total([line.list_price for line in quote.lines], currency)),
            discount=MoneyBody.of(total([line.discount for line in quote.lines], currency)),
            net=MoneyBody.of(quote.net),
            tax=MoneyBody.of(quote.tax),
            total=MoneyBody.of(quote.total),
            tax_final=quote.tax_final,
            coupon=coupon,
        )


class OrderLineBody(BaseModel):
    """`result` names what was delivered: license_id, account_id, subscription_id, domain_id."""

    id: UUID
    kind: str = Field(examples=["hosting"])
    description: str
    plan: str | None
    cycle: OrderCycle | None
    domain_name: str | None
    domain_choice: str | None
    years: int | None
    quantity: int
    trial_days: int
    included_for: str | None
    list_price: MoneyBody
    discount: MoneyBody
    net: MoneyBody
    tax: MoneyBody
    parts: list[OrderPartBody]
    state: str = Field(examples=["requested"])
    reason: str | None
    result: dict[str, str]

    @classmethod
    def of(cls, line: OrderLine) -> OrderLineBody:
        return cls(
            id=line.id,
            kind=line.kind,
            description=in_words(line.description),
            plan=line.plan_code,
            cycle=OrderCycle(unit=line.cycle.unit, count=line.cycle.count) if line.cycle else None,
            domain_name=line.domain_name,
            domain_choice=line.domain_choice,
            years=line.years,
            quantity=line.quantity,
            trial_days=line.trial_days,
            included_for=line.included_for,
            list_price=MoneyBody.of(line.list_price),
            discount=MoneyBody.of(line.discount),
            parts=[OrderPartBody.of_order(part) for part in line.parts],
            net=MoneyBody.of(line.net),
            tax=MoneyBody.of(line.tax),
            state=line.state,
            reason=line.reason and words.told(line.reason, language.current()),
            result=dict(line.result),
        )


class StageBody(BaseModel):
    """A step of the order's course. `attention`: somebody has to act."""

    name: str = Field(examples=["paid"])
    state: str = Field(examples=["done"])
    at: datetime | None
    reason: str | None
    line_id: UUID | None

    @classmethod
    def of(cls, stage: Stage) -> StageBody:
        return cls(name=stage.name, state=stage.state, at=stage.at, reason=stage.reason, line_id=stage.line_id)


class OrderBody(BaseModel):
    id: UUID
    number: str | None = Field(examples=["ORD-2026-000042"])
    customer_id: UUID
    state: str = Field(examples=["pending"])
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    proforma_id: UUID | None
    coupon: str | None
    placed_at: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    lines: list[OrderLineBody]
    steps: list[StageBody]

    @classmethod
    def of(cls, order: Order) -> OrderBody:
        return cls(
            id=order.id,
            number=order.number,
            customer_id=order.customer_id,
            state=order.state,
            net=MoneyBody.of(order.net),
            tax=MoneyBody.of(order.tax),
            total=MoneyBody.of(order.total),
            proforma_id=order.proforma_id,
            coupon=order.coupon_code,
            placed_at=order.placed_at,
            paid_at=order.paid_at,
            completed_at=order.completed_at,
            cancelled_at=order.cancelled_at,
            cancel_reason=order.cancel_reason and words.told(order.cancel_reason, language.current()),
            lines=[OrderLineBody.of(line) for line in order.lines],
            steps=[StageBody.of(stage) for stage in queries.stages(order)],
        )
