"""Assessing lines: where a sale is taxed, by which rule, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.tax.errors import TaxNotKnown, TaxRateMissing
from nextbill.capabilities.tax.models import ProviderRateRow
from nextbill.capabilities.tax.queries.buyers import exemption_on, id_state
from nextbill.capabilities.tax.queries.policies import policy_on, rules_of
from nextbill.capabilities.tax.queries.threshold import threshold_of
from nextbill.capabilities.tax.rules import Place, Policy, Situation, TaxableLine, TaxedLine, TaxRule, Treatment, choose, decide, tax_lines
from nextbill.capabilities.tax.rules.lines import Arithmetic, at_home
from nextbill.capabilities.tax.rules.union import Territory, territory
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx

_SPARED = ("reverse_charge", "outside_scope", "export", "certificate")
"""Reasons for which a price that includes tax is lowered by it: nobody keeps a tax that is not owed."""


@dataclass(frozen=True, slots=True)
class _Sale:
    lines: Sequence[TaxableLine]
    buyer: Territory
    state: str | None
    status: str
    tax_id: str | None
    on: date
    customer_id: UUID | None
    postal_code: str
    inclusive: bool
    home_rate_ppm: int | None


async def assess(
    tx: ReadTx,
    *,
    lines: Sequence[TaxableLine],
    country: str,
    state: str | None,
    status: str,
    tax_id: str | None,
    on: date,
    customer_id: UUID | None = None,
    postal_code: str | None = None,
    inclusive: bool | None = None,
    home_rate_ppm: int | None = None,
) -> list[TaxedLine]:
    """One taxed line for each line, in their order, by the policy and the rules in force on the day.

    `country` is ISO 3166 alpha-2, `status` consumer or business. `customer_id`: without it no tax id is proven and no exemption known.
    `postal_code`: tells special territories. `inclusive`: whether the prices hold the tax; None: as the policy says for the country.
    `home_rate_ppm`: home units for a million units of the lines' currency, so that this sale itself counts towards the threshold.
    TaxRateMissing, TaxNotKnown."""
    policy = await policy_on(tx, on)
    buyer = territory(country, postal_code)
    by_policy = policy.prices_include_tax(country) if policy else False
    held = by_policy if inclusive is None else inclusive
    sale = _Sale(lines, buyer, buyer.region or state, status, tax_id, on, customer_id, postal_code or "", held, home_rate_ppm)
    rules = await rules_of(tx, sorted({buyer.country, policy.seller_country if policy else buyer.country}))
    situation = await _situation(tx, sale, policy, rules)
    treatment = decide(policy, situation)
    chosen = await _rules_for(tx, sale, policy, treatment, rules=rules, registered=_registered(sale, situation))
    taxed = tax_lines(lines, chosen, treatment=treatment, arithmetic=_arithmetic(sale, policy, treatment, rules))
    return [replace(line, id_state=situation.id_state) for line in taxed]


async def _situation(tx: ReadTx, sale: _Sale, policy: Policy | None, rules: Sequence[TaxRule]) -> Situation:
    given = sale.tax_id if sale.status == "business" else None
    state = await id_state(tx, sale.customer_id, tax_id=given, buyer=sale.buyer, on=sale.on, policy=policy)
    exemption = await exemption_on(tx, sale.customer_id, country=sale.buyer.country, state=sale.state, on=sale.on)
    past = False
    if policy is not None and policy.oss == "auto":
        worth = _worth(sale, policy, rules) if sale.lines else None
        past = (await threshold_of(tx, sale.on, policy)).past(worth, policy.home_currency)
    return Situation(sale.buyer, sale.status, state, past, exemption)


def _worth(sale: _Sale, policy: Policy, rules: Sequence[TaxRule]) -> Money:
    """The sale without tax in home currency, as it would be at the seller's rate; in its own where no exchange rate was given."""
    home = Place(policy.seller_country, None, sale.status, None)
    chosen = [choose(rules, place=home, product_class=line.product_class, on=sale.on) for line in sale.lines]
    arithmetic = Arithmetic(inclusive=sale.inclusive and not policy.small_business)
    taxed = tax_lines(sale.lines, chosen, treatment=Treatment("home", policy.seller_country), arithmetic=arithmetic)
    net = total([line.net for line in taxed], sale.lines[0].net.currency)
    if net.currency == policy.home_currency or sale.home_rate_ppm is None:
        return net
    return at_home(net, home=policy.home_currency, rate_ppm=sale.home_rate_ppm)


def _registered(sale: _Sale, situation: Situation) -> bool:
    return situation.id_state == "valid" or (situation.id_state == "unchecked" and bool(sale.tax_id))


async def _rules_for(
    tx: ReadTx, sale: _Sale, policy: Policy | None, treatment: Treatment, *, rules: Sequence[TaxRule], registered: bool
) -> list[TaxRule | None]:
    if treatment.place is None:
        return [None for _ in sale.lines]
    if policy is not None and treatment.place in policy.provider_countries:
        answered = await _provided(tx, sale, treatment.place)
        if answered is not None:
            return [answered[line.product_class] for line in sale.lines]
        if policy.provider_failure == "refuse":
            raise TaxNotKnown
    here = treatment.place == sale.buyer.country
    place = Place(treatment.place, sale.state if here else None, sale.status, sale.tax_id if registered else None)
    found = [choose(rules, place=place, product_class=line.product_class, on=sale.on) for line in sale.lines]
    if None in found and treatment.scheme in ("domestic", "home", "destination"):
        raise TaxRateMissing(fields={"country": f"add a tax rule for {treatment.place}"})
    return list(found)


async def _provided(tx: ReadTx, sale: _Sale, country: str) -> dict[str, TaxRule] | None:
    """What the provider answered for this place, as rules by class; None where one of them is missing."""
    classes = {line.product_class for line in sale.lines}
    rows = await tx.scalars(
        select(ProviderRateRow).where(
            ProviderRateRow.country == country,
            ProviderRateRow.state == (sale.state or ""),
            ProviderRateRow.postal_code == sale.postal_code,
            ProviderRateRow.product_class.in_(classes),
            ProviderRateRow.rate_ppm.is_not(None),
        )
    )
    found = {row.product_class: _answered(row) for row in rows}
    return found if set(found) == classes else None


def _answered(row: ProviderRateRow) -> TaxRule:
    rate = row.rate_ppm or 0
    return TaxRule(
        id=row.id,
        country=row.country,
        state=row.state or None,
        product_class=row.product_class,
        buyer="any",
        rate_ppm=rate,
        name=row.name or "",
        valid_from=(row.answered_at or row.asked_at).date(),
        valid_until=None,
        category="S" if rate else "Z",
        version=row.version,
    )


def _arithmetic(sale: _Sale, policy: Policy | None, treatment: Treatment, rules: Sequence[TaxRule]) -> Arithmetic:
    if policy is None:
        return Arithmetic(inclusive=sale.inclusive)
    relief: dict[str, int] = {}
    if sale.inclusive and treatment.reason in _SPARED:
        country = sale.buyer.country if treatment.reason == "certificate" else policy.seller_country
        place = Place(country, None, sale.status, None)
        for line in sale.lines:
            rule = choose(rules, place=place, product_class=line.product_class, on=sale.on)
            relief[line.product_class] = rule.rate_ppm if rule else 0
    return Arithmetic(policy.rounding_scope, policy.rounding_mode, sale.inclusive, relief)
