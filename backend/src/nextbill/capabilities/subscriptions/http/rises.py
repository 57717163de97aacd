"""What goes in and out of the routes that raise prices."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from nextbill.capabilities.subscriptions.commands import Foreseen
from nextbill.capabilities.subscriptions.http.shapes import Reason
from nextbill.runtime.web.shapes import Body, MoneyBody


class PriceRiseOrder(Body):
    """Everybody who pays an older version of this price pays it from the first period on that begins on or after `not_before`."""

    plan_id: UUID
    price_id: UUID
    not_before: date
    reason: Reason | None = None


class PriceRiseBody(BaseModel):
    """`announced` to so many; `more`: call again for the rest."""

    announced: int
    more: bool


class PriceRiseRowBody(BaseModel):
    """`before` and `after` are of a whole period with all that it is charged for; `after` from the period that begins on `effective_on`."""

    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    before: MoneyBody
    after: MoneyBody
    effective_on: date

    @classmethod
    def of(cls, one: Foreseen) -> PriceRiseRowBody:
        found = one.subscription
        money = {"before": MoneyBody.of(found.price), "after": MoneyBody.of(one.after)}
        return cls(subscription_id=found.id, customer_id=found.customer_id, plan_name=found.plan_name, effective_on=one.effective_on, **money)


class PriceRisePreviewBody(BaseModel):
    """Whom it would be announced to, oldest first: `count` at once at most, of whom `rows` shows some; `more`: there are others after them."""

    count: int
    more: bool
    rows: list[PriceRiseRowBody]
