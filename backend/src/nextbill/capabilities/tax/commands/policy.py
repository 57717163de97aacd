"""The shop's choices: a new version each time, the old ones stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, text

from nextbill.capabilities.tax.commands.rules import add_rule
from nextbill.capabilities.tax.models import PolicyRow, TaxRuleRow
from nextbill.capabilities.tax.queries.policies import policy as read_policy
from nextbill.capabilities.tax.rules import Policy
from nextbill.capabilities.tax.rules.policy import default_threshold
from nextbill.capabilities.tax.rules.rates import STANDARD_RATES
from nextbill.capabilities.tax.rules.union import MEMBERS, union_id
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx

_CHOICES = (
    "seller_country",
    "home_currency",
    "requester_id",
    "oss",
    "threshold_minor",
    "small_business",
    "small_business_notes",
    "inclusive",
    "inclusive_by_country",
    "rounding_scope",
    "rounding_mode",
    "third_country",
    "recheck_days",
    "late_proof",
    "provider_countries",
    "provider_failure",
)
_FIRST: Mapping[str, Any] = {
    "requester_id": None,
    "oss": "auto",
    "small_business": False,
    "small_business_notes": {},
    "inclusive": False,
    "inclusive_by_country": {},
    "rounding_scope": "line",
    "rounding_mode": "half_up",
    "third_country": "O",
    "recheck_days": 30,
    "late_proof": "automatic",
    "provider_countries": [],
    "provider_failure": "refuse",
}


async def set_policy(tx: Tx, *, changes: Mapping[str, Any], effective_on: date, actor: str, now: datetime) -> Policy:
    """The last version with `changes`, as a new one. Invalid by field; the first one needs `seller_country` and `home_currency`."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('tax_policy'))"))
    last = await tx.scalar(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1))
    before = {name: getattr(last, name) for name in _CHOICES} if last else dict(_FIRST)
    values = {**before, **changes}
    _check(values)
    values.setdefault("threshold_minor", default_threshold(values["home_currency"]))
    row = {"id": new_id(), "version": (last.version if last else 0) + 1, "effective_on": effective_on, "created_at": now, "created_by": actor}
    made = await tx.scalars(insert(PolicyRow).values(**row, **values).returning(PolicyRow))
    return read_policy(made.one())


def _check(values: Mapping[str, Any]) -> None:
    wrong: dict[str, str] = {}
    if not values.get("seller_country"):
        wrong["seller_country"] = "the country where the shop is established"
    if not values.get("home_currency"):
        wrong["home_currency"] = "the currency of the shop's books"
    requester = values.get("requester_id")
    if requester and union_id(requester, values.get("seller_country") or "") is None:
        wrong["requester_id"] = "not a VAT id of the European Union: check its digits"
    if wrong:
        raise Invalid(fields=wrong)


async def seed_tax(tx: Tx, *, seller_country: str, home_currency: str, requester_id: str | None, today: date, now: datetime) -> None:
    """What a new shop in the Union starts with: its members' standard rates and a first policy. What is there already stays as it is.

    `requester_id`: the shop's tax number; taken where it is a VAT id."""
    if seller_country not in MEMBERS:
        return
    known = set(await tx.scalars(select(TaxRuleRow.country).group_by(TaxRuleRow.country)))
    for rate in STANDARD_RATES:
        if rate.country not in known:
            await add_rule(
                tx,
                country=rate.country,
                state=rate.region,
                rate_ppm=rate.rate_ppm,
                name=rate.name,
                valid_from=rate.valid_from,
                valid_until=rate.valid_until,
                now=now,
            )
    if not await tx.scalar(select(func.count()).select_from(PolicyRow)):
        known_to_vies = requester_id if requester_id and union_id(requester_id, seller_country) else None
        first = {"seller_country": seller_country, "home_currency": home_currency, "requester_id": known_to_vies}
        await set_policy(tx, changes=first, effective_on=today, actor="system", now=now)
