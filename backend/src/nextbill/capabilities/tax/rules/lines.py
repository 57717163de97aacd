"""What lines bear: rates on net or gross prices, rounded by line or by invoice so that lines always add up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities.tax.rules.choosing import TaxCategory, TaxRule
from nextbill.capabilities.tax.rules.policy import MODES, RoundingMode, RoundingScope
from nextbill.capabilities.tax.rules.treatment import IdState, Scheme, Treatment
from nextbill.capabilities.tax.rules.wording import in_words
from nextbill.kernel.money import Money, Rounding, exponent, total

PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class TaxableLine:
    """`net` is the price: without tax, or with it where prices include tax."""

    ref: str
    product_class: str
    net: Money


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """`note` says why in English; `reason` and `params` say it in any language (`in_words`). `place`: the country that taxes it.

    `category` is the code of EN 16931 (UNTDID 5305), `exemption_code` the reason's code (VATEX-…) where there is one."""

    ref: str
    net: Money
    rate_ppm: int
    tax: Money
    rule_id: UUID | None
    note: str
    category: TaxCategory
    exemption_code: str | None = None
    reason: str = "no_rule"
    params: Mapping[str, str] = field(default_factory=dict)
    rule_version: int | None = None
    place: str | None = None
    scheme: Scheme = "rules"
    id_state: IdState = "none"
    """What the buyer's tax id was worth when this was decided."""

    @property
    def gross(self) -> Money:
        return self.net + self.tax

    def told(self, language: str) -> str:
        """Why, in the language; in English where it has no words for it."""
        return in_words(self.reason, self.params, language)

    @property
    def details(self) -> dict[str, Any]:
        """For a document's line: what explains this tax, and what its words are made of."""
        return {
            "reason": self.reason,
            "params": dict(self.params),
            "rule_id": str(self.rule_id) if self.rule_id else None,
            "rule_version": self.rule_version,
            "rate_ppm": self.rate_ppm,
            "place": self.place,
            "scheme": self.scheme,
            "id_state": self.id_state,
        }


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`inclusive`: prices hold the tax. `relief_ppm`: the rate inside such a price that a buyer who bears no tax is spared."""

    scope: RoundingScope = "line"
    mode: RoundingMode = "half_up"
    inclusive: bool = False
    relief_ppm: Mapping[str, int] = field(default_factory=dict)

    @property
    def rounding(self) -> Rounding:
        return MODES[self.mode]


def apply(line: TaxableLine, rule: TaxRule | None) -> TaxedLine:
    """One line by one rule, on its net price, rounded half up."""
    treatment = Treatment("rules", rule.country if rule else None)
    return tax_lines([line], [rule], treatment=treatment, arithmetic=Arithmetic())[0]


def tax_lines(lines: Sequence[TaxableLine], rules: Sequence[TaxRule | None], *, treatment: Treatment, arithmetic: Arithmetic) -> list[TaxedLine]:
    """`rules` in the order of the lines. By invoice: each rate's tax is rounded once and spread over its lines, largest remainders first."""
    drafts = [_described(line, rule, treatment, arithmetic) for line, rule in zip(lines, rules, strict=True)]
    if arithmetic.scope == "line":
        return [_rounded(draft, draft.rate_ppm, arithmetic) for draft in drafts]
    done: dict[int, TaxedLine] = {}
    for key in dict.fromkeys((draft.category, draft.rate_ppm, draft.net.currency) for draft in drafts):
        group = [i for i, draft in enumerate(drafts) if (draft.category, draft.rate_ppm, draft.net.currency) == key]
        done |= dict(zip(group, _spread([drafts[i] for i in group], key[1], arithmetic), strict=True))
    return [done[i] for i in range(len(drafts))]


def at_home(amount: Money, *, home: str, rate_ppm: int) -> Money:
    """In the home currency, half away from zero. `rate_ppm`: home units for a million units of the amount's currency."""
    top = abs(amount.minor) * rate_ppm * 10 ** exponent(home)
    bottom = PPM * 10 ** exponent(amount.currency)
    whole = (2 * top + bottom) // (2 * bottom)
    return Money(whole if amount.minor >= 0 else -whole, home)


def _described(line: TaxableLine, rule: TaxRule | None, treatment: Treatment, arithmetic: Arithmetic) -> TaxedLine:
    """Everything but the amounts; `net` is still the price."""
    zero = Money.zero(line.net.currency)
    if rule is not None:
        reason, params = ("rate", {"name": rule.name}) if rule.rate_ppm else ("zero_rate", {"name": rule.name})
        taxed = TaxedLine(line.ref, line.net, rule.rate_ppm, zero, rule.id, rule.name, rule.category, rule.exemption_code, reason, params)
        return replace(taxed, rule_version=rule.version, place=rule.country, scheme="rules" if treatment.scheme == "outside" else treatment.scheme)
    price = line.net
    if treatment.reason == "rate":
        return TaxedLine(line.ref, price, 0, zero, None, in_words("no_rule", {}, "en"), "O", scheme=treatment.scheme)
    if arithmetic.inclusive:
        price = _net_within(price, arithmetic.relief_ppm.get(line.product_class, 0), arithmetic.rounding)
    words = in_words(treatment.reason, treatment.params, "en")
    return TaxedLine(
        line.ref,
        price,
        0,
        zero,
        None,
        words,
        treatment.category,
        treatment.exemption_code,
        treatment.reason,
        treatment.params,
        scheme=treatment.scheme,
    )


def _rounded(draft: TaxedLine, rate_ppm: int, arithmetic: Arithmetic) -> TaxedLine:
    if not rate_ppm:
        return draft
    if arithmetic.inclusive:
        net = _net_within(draft.net, rate_ppm, arithmetic.rounding)
        return replace(draft, net=net, tax=draft.net - net)
    return replace(draft, tax=draft.net.share(rate_ppm, PPM, arithmetic.rounding))


def _spread(group: Sequence[TaxedLine], rate_ppm: int, arithmetic: Arithmetic) -> list[TaxedLine]:
    prices = total([draft.net for draft in group], group[0].net.currency)
    if not rate_ppm or not prices:
        return list(group)
    whole = _rounded(replace(group[0], net=prices), rate_ppm, arithmetic)
    shares = whole.tax.allocate([draft.net.minor for draft in group])
    nets = [draft.net - share if arithmetic.inclusive else draft.net for draft, share in zip(group, shares, strict=True)]
    return [replace(draft, net=net, tax=share) for draft, net, share in zip(group, nets, shares, strict=True)]


def _net_within(gross: Money, rate_ppm: int, rounding: Rounding) -> Money:
    return gross.share(PPM, PPM + rate_ppm, rounding)
