"""Assessing lines: where a sale is taxed, by which rule, and how much. Of many sales what they share is read once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from nextbill.capabilities.tax.errors import TaxNotKnown, TaxRateMissing
from nextbill.capabilities.tax.models import ProviderRateRow
from nextbill.capabilities.tax.queries.buyers import Buyers, buyers_on
from nextbill.capabilities.tax.queries.policies import policy_on, rules_of
from nextbill.capabilities.tax.queries.threshold import Threshold, threshold_of
from nextbill.capabilities.tax.rules import IdState, Place, Policy, Situation, TaxableLine, TaxedLine, TaxRule, Treatment, choose, decide, tax_lines
from nextbill.capabilities.tax.rules.lines import Arithmetic, at_home
from nextbill.capabilities.tax.rules.union import Territory, territory
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx

_Answer = list[TaxedLine] | TaxRateMissing | TaxNotKnown
_SPARED = ("reverse_charge", "outside_scope", "export", "certificate")
"""Reasons for which a price that includes tax is lowered by it: nobody keeps a tax that is not owed."""


class TaxableSale(Struct, frozen=True):
    """`country` is ISO 3166 alpha-2, `status` consumer or business. `customer_id`: without it no tax id is proven and no exemption known.
    `postal_code`: tells special territories. `inclusive`: whether the prices hold the tax; None: as the policy says for the country.
    `home_rate_ppm`: home units for a million units of the lines' currency, so that this sale itself counts towards the threshold."""

    lines: Sequence[TaxableLine]
    country: str
    state: str | None
    status: str
    tax_id: str | None
    customer_id: UUID | None = None
    postal_code: str | None = None
    inclusive: bool | None = None
    home_rate_ppm: int | None = None


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


@dataclass(frozen=True, slots=True)
class _Known:
    """What sales of one day share. `chosen` remembers which rule taxes what, `answers` what was said of a sale: neither changes between two sales of a
    chunk."""

    policy: Policy | None
    rules: Sequence[TaxRule]
    buyers: Buyers
    threshold: Threshold | None
    on: date
    chosen: dict[tuple[Place, str], TaxRule | None] = field(default_factory=dict)
    answers: dict[Hashable, _Answer] = field(default_factory=dict)

    def choose(self, place: Place, product_class: str) -> TaxRule | None:
        key = (place, product_class)
        if key not in self.chosen:
            self.chosen[key] = choose(self.rules, place=place, product_class=product_class, on=self.on)
        return self.chosen[key]


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
    """One taxed line for each line, in their order, by the policy and the rules in force on the day. As of a `TaxableSale`.
    TaxRateMissing, TaxNotKnown."""
    sale = TaxableSale(lines, country, state, status, tax_id, customer_id, postal_code, inclusive, home_rate_ppm)
    answer = (await assess_many(tx, [sale], on=on))[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


async def assess_many(tx: ReadTx, sales: Sequence[TaxableSale], *, on: date) -> list[_Answer]:
    """Each sale by itself, in their order: one that cannot be taxed says why, and harms no other. Sales that are alike have one answer between them."""
    policy = await policy_on(tx, on)
    countries = {territory(sale.country, sale.postal_code).country for sale in sales} | ({policy.seller_country} if policy else set())
    known = _Known(
        policy,
        await rules_of(tx, sorted(countries)),
        await buyers_on(tx, {sale.customer_id for sale in sales if sale.customer_id is not None}, on=on),
        await threshold_of(tx, on, policy) if policy is not None and policy.oss == "auto" else None,
        on,
    )
    return [await _answer(tx, sale, known) for sale in sales]


async def _answer(tx: ReadTx, sale: TaxableSale, known: _Known) -> _Answer:
    """Of whom nothing is known by name, everything is in the sale. Lines that are the same list are the same, whatever they say."""
    if known.buyers.know(sale.customer_id):
        return await _assessed(tx, _sale(sale, known.policy, known.on), known)
    said = (id(sale.lines), sale.country, sale.state, sale.status, sale.tax_id, sale.postal_code, sale.inclusive, sale.home_rate_ppm)
    if said not in known.answers:
        known.answers[said] = await _assessed(tx, _sale(sale, known.policy, known.on), known)
    return known.answers[said]


def _sale(sale: TaxableSale, policy: Policy | None, on: date) -> _Sale:
    buyer = territory(sale.country, sale.postal_code)
    by_policy = policy.prices_include_tax(sale.country) if policy else False
    held = by_policy if sale.inclusive is None else sale.inclusive
    state = buyer.region or sale.state
    return _Sale(
        sale.lines, buyer, state, sale.status, sale.tax_id, on, sale.customer_id, sale.postal_code or "", held, sale.home_rate_ppm
    )  # fmt: skip


async def _assessed(tx: ReadTx, sale: _Sale, known: _Known) -> _Answer:
    situation = _situation(sale, known)
    treatment = decide(known.policy, situation)
    try:
        chosen = await _rules_for(tx, sale, known, treatment, registered=_registered(sale, situation))
    except (TaxRateMissing, TaxNotKnown) as error:
        return error
    taxed = tax_lines(sale.lines, chosen, treatment=treatment, arithmetic=_arithmetic(sale, known, treatment))
    return [replace(line, id_state=situation.id_state) for line in taxed] if situation.id_state != "none" else taxed


def _situation(sale: _Sale, known: _Known) -> Situation:
    policy = known.policy
    state: IdState = "none"
    if sale.status == "business" and sale.tax_id:
        state = known.buyers.id_state(sale.customer_id, tax_id=sale.tax_id, buyer=sale.buyer, on=sale.on, policy=policy)
    exemption = known.buyers.exemption(sale.customer_id, country=sale.buyer.country, state=sale.state)
    past = False
    if policy is not None and known.threshold is not None:
        worth = _worth(sale, policy, known) if sale.lines else None
        past = known.threshold.past(worth, policy.home_currency)
    return Situation(sale.buyer, sale.status, state, past, exemption)


def _worth(sale: _Sale, policy: Policy, known: _Known) -> Money:
    """The sale without tax in home currency, as it would be at the seller's rate; in its own where no exchange rate was given."""
    home = Place(policy.seller_country, None, sale.status, None)
    chosen = [known.choose(home, line.product_class) for line in sale.lines]
    arithmetic = Arithmetic(inclusive=sale.inclusive and not policy.small_business)
    taxed = tax_lines(sale.lines, chosen, treatment=Treatment("home", policy.seller_country), arithmetic=arithmetic)
    net = total([line.net for line in taxed], sale.lines[0].net.currency)
    if net.currency == policy.home_currency or sale.home_rate_ppm is None:
        return net
    return at_home(net, home=policy.home_currency, rate_ppm=sale.home_rate_ppm)


def _registered(sale: _Sale, situation: Situation) -> bool:
    return situation.id_state == "valid" or (situation.id_state == "unchecked" and bool(sale.tax_id))


async def _rules_for(tx: ReadTx, sale: _Sale, known: _Known, treatment: Treatment, *, registered: bool) -> list[TaxRule | None]:
    if treatment.place is None:
        return [None for _ in sale.lines]
    policy = known.policy
    if policy is not None and treatment.place in policy.provider_countries:
        answered = await _provided(tx, sale, treatment.place)
        if answered is not None:
            return [answered[line.product_class] for line in sale.lines]
        if policy.provider_failure == "refuse":
            raise TaxNotKnown
    here = treatment.place == sale.buyer.country
    place = Place(treatment.place, sale.state if here else None, sale.status, sale.tax_id if registered else None)
    found = [known.choose(place, line.product_class) for line in sale.lines]
    if None in found and treatment.scheme in ("domestic", "home", "destination"):
        raise TaxRateMissing(fields={"country": f"add a tax rule for {treatment.place}"})
    return found


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


def _arithmetic(sale: _Sale, known: _Known, treatment: Treatment) -> Arithmetic:
    policy = known.policy
    if policy is None:
        return Arithmetic(inclusive=sale.inclusive)
    relief: dict[str, int] = {}
    if sale.inclusive and treatment.reason in _SPARED:
        country = sale.buyer.country if treatment.reason == "certificate" else policy.seller_country
        place = Place(country, None, sale.status, None)
        for line in sale.lines:
            rule = known.choose(place, line.product_class)
            relief[line.product_class] = rule.rate_ppm if rule else 0
    return Arithmetic(policy.rounding_scope, policy.rounding_mode, sale.inclusive, relief)
