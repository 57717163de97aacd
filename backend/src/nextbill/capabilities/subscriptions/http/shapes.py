"""What goes in and out of the routes of subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions.commands import Shown
from nextbill.capabilities.subscriptions.queries import Change, Event, Subscription, Wish
from nextbill.capabilities.subscriptions.rules import ChangeKind, ChangeLine, ChangeState, Direction, Item, When, Why
from nextbill.kernel.period import Cycle
from nextbill.runtime.web.shapes import Body, MoneyBody

Code = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class SubscriptionCycle(BaseModel):
    unit: str = Field(examples=["month"])
    count: int = Field(examples=[1])


class SubscriptionItemBody(BaseModel):
    """What it is charged for. `billing`: each_period, or first_period: once with the first charge."""

    kind: str = Field(examples=["addon"])
    code: str = Field(examples=["extra-backups"])
    name: str = Field(examples=["Hourly backups"])
    quantity: int
    unit: MoneyBody
    price_version: int
    billing: str = Field(examples=["each_period"])

    @classmethod
    def of(cls, item: Item) -> SubscriptionItemBody:
        facts = {name: getattr(item, name) for name in ("kind", "code", "name", "quantity", "price_version", "billing")}
        return cls.model_validate({**facts, "unit": MoneyBody.of(item.unit)})


class SubscriptionBody(BaseModel):
    """`current_period_end` is the first day after the period. `limits`: null is unlimited. `trial_ends_on`: the first day that is charged.

    `next_bill_on`: the day on which the next invoice is made. `change_on`: the day on which an open change is settled. `cancel_on`: from that day on it is
    over; until then it can be taken back. `collection`: charge (by itself) or invoice (sent to be paid). `billing_error`: why it is not billed, for staff to mend."""

    id: UUID
    customer_id: UUID
    order_line_id: UUID
    status: str = Field(examples=["active"])
    plan_code: str = Field(examples=["professional"])
    plan_name: str = Field(examples=["Professional"])
    price: MoneyBody
    price_version: int
    items: list[SubscriptionItemBody]
    trial_days: int
    trial_ends_on: date | None
    cycle: SubscriptionCycle
    limits: dict[str, int | None] = Field(examples=[{"accounts": 5, "domains": 25}])
    features: list[str]
    current_period_start: date | None
    current_period_end: date | None
    next_due_on: date | None
    next_bill_on: date | None
    collection: str = Field(examples=["charge"])
    domain: str | None = Field(default=None, description="The internet name of the account that it pays for, where it is read.")
    change_on: date | None
    cancel_on: date | None
    cancel_reason: str | None
    paused_on: date | None
    resume_on: date | None
    billing_error: str | None
    version: int
    created_at: datetime
    started_at: datetime | None
    cancelled_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, found: Subscription, *, domain: str | None = None) -> SubscriptionBody:
        return cls(
            id=found.id,
            customer_id=found.customer_id,
            order_line_id=found.order_line_id,
            status=found.state,
            plan_code=found.plan_code,
            plan_name=found.plan_name,
            price=MoneyBody.of(found.price),
            price_version=found.price_version,
            items=[SubscriptionItemBody.of(item) for item in found.items],
            trial_days=found.trial_days,
            trial_ends_on=found.trial_ends_on,
            cycle=SubscriptionCycle(unit=found.cycle.unit, count=found.cycle.count),
            limits=dict(found.limits),
            features=list(found.features),
            current_period_start=found.period.start if found.period else None,
            current_period_end=found.period.end if found.period else None,
            next_due_on=found.next_due_on,
            next_bill_on=found.next_bill_on,
            collection=found.collection,
            domain=domain,
            change_on=found.change_on,
            cancel_on=found.cancel_on,
            cancel_reason=found.cancel_reason,
            paused_on=found.paused_on,
            resume_on=found.resume_on,
            billing_error=found.billing_error,
            version=found.version,
            created_at=found.created_at,
            started_at=found.started_at,
            cancelled_at=found.cancelled_at,
            ended_at=found.ended_at,
        )


class CycleWish(Body):
    unit: Literal["day", "week", "month", "year"] = Field(examples=["year"])
    count: int = Field(default=1, ge=1, le=120)

    def cycle(self) -> Cycle:
        return Cycle(self.unit, self.count)


class AddonWish(Body):
    code: Code = Field(examples=["extra-backups"])
    quantity: int = Field(default=1, ge=1, le=1000)


class OptionWish(Body):
    """`value` of a choice, `quantity` of what is sold by pieces."""

    code: Code = Field(examples=["extra-disk"])
    value: Code | None = None
    quantity: int | None = Field(default=None, ge=0, le=1000)


class ChangeWish(Body):
    """What shall be another; what is left out stays. `addons` and `options` are all that there shall be. `quantity`: of a product."""

    plan: Code | None = Field(default=None, examples=["professional"])
    cycle: CycleWish | None = None
    quantity: int | None = Field(default=None, ge=1, le=1000)
    addons: list[AddonWish] | None = Field(default=None, max_length=50)
    options: list[OptionWish] | None = Field(default=None, max_length=50)

    def wish(self) -> Wish:
        addons = None if self.addons is None else [catalog.AddonChoice(one.code, one.quantity) for one in self.addons]
        options = None if self.options is None else [catalog.OptionChoice(one.code, one.value, one.quantity) for one in self.options]
        return Wish(self.plan, self.cycle.cycle() if self.cycle else None, self.quantity, addons, options)


class ChangeOrder(ChangeWish):
    """`quote` of the preview: then it is exactly that, or refused."""

    quote: str | None = Field(default=None, max_length=64)


class StaffWish(ChangeWish):
    """`at_once`: a downgrade holds from today, and the difference is the customer's credit."""

    at_once: bool = False


class StaffOrder(StaffWish):
    quote: str | None = Field(default=None, max_length=64)
    reason: Reason | None = Field(default=None, examples=["Asked for by phone"])


class ChangeLineBody(BaseModel):
    """`days` of `of_days` of an item, from a day until before another. A charge, or a credit for days that are not used."""

    kind: Literal["charge", "credit"]
    code: str
    name: str = Field(examples=["Professional"])
    quantity: int
    price: MoneyBody
    discount: MoneyBody
    net: MoneyBody
    from_day: date
    until_day: date
    days: int = Field(examples=[20])
    of_days: int = Field(examples=[31])

    @classmethod
    def of(cls, line: ChangeLine) -> ChangeLineBody:
        return cls.kept(line.to_json())

    @classmethod
    def kept(cls, line: Mapping[str, Any]) -> ChangeLineBody:
        money = {name: MoneyBody(amount=line[f"{key}_minor"], currency=line["currency"]) for name, key in _MONEY.items()}
        facts = {name: line[name] for name in ("kind", "code", "name", "quantity", "days", "of_days")}
        return cls.model_validate({**facts, **money, "from_day": line["from"], "until_day": line["until"]})


_MONEY = {"price": "price", "discount": "off", "net": "net"}


class TooMuchBody(BaseModel):
    """So many of a resource have to be removed before the change."""

    resource: str = Field(examples=["domains"])
    used: int
    limit: int
    to_remove: int


class ChangePreviewBody(BaseModel):
    """What now, what next, why. `now`: to be paid for it, with tax; `credit`: given back. `when`: at_once, when_paid (until before `valid_until`) or
    at_period_end. `next_charge`: before tax, for the period from `next_charge_on`, invoiced on `next_bill_on`; `regular`: a later one. `too_much`: what has to
    go first. `quote` makes the change exactly this."""

    kind: ChangeKind
    direction: Direction
    when: When
    effective_on: date
    valid_until: date | None
    lines: list[ChangeLineBody]
    now_net: MoneyBody
    now_tax: MoneyBody
    now: MoneyBody
    credit: MoneyBody
    next_charge_on: date
    next_bill_on: date
    next_charge: MoneyBody
    regular: MoneyBody
    plan_code: str
    plan_name: str
    cycle: SubscriptionCycle
    items: list[SubscriptionItemBody]
    limits: dict[str, int | None]
    too_much: list[TooMuchBody]
    why: list[Why]
    quote: str

    @classmethod
    def of(cls, shown: Shown) -> ChangePreviewBody:
        look, target = shown.preview, shown.preview.target
        return cls(
            kind=look.kind,
            direction=look.direction,
            when=look.when,
            effective_on=look.effective_on,
            valid_until=look.valid_until,
            lines=[ChangeLineBody.of(line) for line in look.lines],
            now_net=MoneyBody.of(shown.asked.net),
            now_tax=MoneyBody.of(shown.asked.tax),
            now=MoneyBody.of(shown.asked.total),
            credit=MoneyBody.of(look.credit),
            next_charge_on=look.next_on,
            next_bill_on=look.next_bill_on,
            next_charge=MoneyBody.of(look.next_net),
            regular=MoneyBody.of(look.regular),
            plan_code=target.plan_code,
            plan_name=target.plan_name,
            cycle=SubscriptionCycle(unit=target.cycle.unit, count=target.cycle.count),
            items=[SubscriptionItemBody.of(item) for item in target.items],
            limits=dict(target.limits),
            too_much=[TooMuchBody(resource=one.resource, used=one.used, limit=one.limit, to_remove=one.to_remove) for one in shown.too_much],
            why=list(look.why),
            quote=look.fingerprint,
        )


class SubscriptionChangeBody(BaseModel):
    """A change that was asked for. `payable_id`: what an upgrade waits for, for `POST /payments/intent`; null where nothing is to be paid (any more)."""

    id: UUID
    subscription_id: UUID
    kind: ChangeKind
    direction: Direction
    state: ChangeState
    plan_name: str | None
    lines: list[ChangeLineBody]
    now_net: MoneyBody
    credit: MoneyBody
    next_charge: MoneyBody
    asked_on: date
    effective_on: date
    valid_until: date | None
    proforma_id: UUID | None
    payable_id: UUID | None
    invoice_id: UUID | None
    asked_by: str = Field(examples=["customer"])
    reason: str | None
    outcome: str | None
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, change: Change, payable_id: UUID | None = None, *, whole: bool = False) -> SubscriptionChangeBody:
        """`whole`: with the login of whoever asked for it, for staff."""
        names = (
            "id", "subscription_id", "kind", "direction", "state", "asked_on", "effective_on", "valid_until", "proforma_id", "invoice_id",
            "reason", "outcome", "created_at", "settled_at",
        )  # fmt: skip
        money = {"now_net": change.now, "credit": change.credit, "next_charge": change.next}
        found = {name: getattr(change, name) for name in names} | {name: MoneyBody.of(amount) for name, amount in money.items()}
        lines = [ChangeLineBody.kept(line) for line in change.lines]
        more = {"lines": lines, "plan_name": change.target.get("plan_name"), "payable_id": payable_id, "asked_by": _who(change.asked_by, whole=whole)}
        return cls.model_validate({**found, **more})


class ChangedBody(BaseModel):
    """The change, and the subscription as it is now."""

    change: SubscriptionChangeBody
    subscription: SubscriptionBody


class HistoryBody(BaseModel):
    """`kind`: started, changed, change_waiting_payment, change_scheduled, change_withdrawn, change_expired, change_refused, price_announced, cancel_asked,
    reactivated, paused, resumed, active, trialing, past_due, suspended, cancelled, ended, mended, collection."""

    id: UUID
    kind: str = Field(examples=["changed"])
    actor: str = Field(examples=["customer"])
    detail: dict[str, Any]
    on: date
    at: datetime

    @classmethod
    def of(cls, event: Event, *, whole: bool = False) -> HistoryBody:
        return cls(id=event.id, kind=event.kind, actor=_who(event.actor, whole=whole), detail=dict(event.detail), on=event.on, at=event.at)


def _who(actor: str, *, whole: bool) -> str:
    return actor if whole else actor.partition(":")[0]


class CancelOrder(Body):
    """`at`: period_end (it runs as long as it is paid for) or now (what is not used is credit)."""

    at: Literal["period_end", "now"] = "period_end"
    reason: Reason | None = Field(default=None, examples=["Moving to another host"])


class StaffCancel(CancelOrder):
    """`credit` false: nothing comes back."""

    credit: bool = True


class PauseOrder(Body):
    """`resume_on`: it goes on by itself on that day."""

    resume_on: date | None = None
    reason: Reason | None = None


class ReasonOrder(Body):
    reason: Reason | None = None


class NewSubscription(Body):
    """Without an order: what is delivered by hand, or brought along from elsewhere. Its first period begins, and is billed, on `starts_on`."""

    customer_id: UUID
    plan: Code
    kind: Literal["hosting", "product"] = "product"
    cycle: CycleWish
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])
    quantity: int = Field(default=1, ge=1, le=1000)
    starts_on: date | None = None
    reason: Reason
