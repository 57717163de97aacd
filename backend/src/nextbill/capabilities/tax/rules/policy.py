"""How the shop wants its tax decided: staff's choices, kept in versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal
from uuid import UUID

from nextbill.kernel.money import Rounding

Oss = Literal["auto", "registered", "below_threshold"]
"""Consumers in other member states: `registered` pays their country's rate from the first sale, `below_threshold` the seller's,
`auto` changes by itself with the sale that crosses the threshold."""
RoundingScope = Literal["line", "invoice"]
RoundingMode = Literal["half_up", "half_even", "down"]
LateProof = Literal["automatic", "task"]
"""When a tax id is confirmed after VAT was charged: correct the invoice, or ask staff."""
ProviderFailure = Literal["refuse", "own_rules"]
"""Where a provider has not answered for a place of `provider_countries`: nothing is sold there yet, or our own rules apply."""

MODES: Final[Mapping[RoundingMode, Rounding]] = {"half_up": Rounding.HALF_UP, "half_even": Rounding.HALF_EVEN, "down": Rounding.DOWN}
THRESHOLD_EUR: Final = 1_000_000
"""€10,000 (Directive 2006/112/EC, Article 59c). Member states without the euro have amounts of their own: staff enters them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`threshold_minor` is in `home_currency`; None where nobody has entered it: then `auto` charges the destination's rates from the first sale.

    `inclusive_by_country` overrides `inclusive` for buyers of a country. `provider_countries`: those where the
    tax provider says the rates. `requester_id`: our own VAT id, with which VIES gives a reference."""

    id: UUID
    version: int
    effective_on: date
    seller_country: str
    home_currency: str
    requester_id: str | None = None
    oss: Oss = "auto"
    threshold_minor: int | None = None
    small_business: bool = False
    small_business_notes: Mapping[str, str] = field(default_factory=dict)
    inclusive: bool = False
    inclusive_by_country: Mapping[str, bool] = field(default_factory=dict)
    rounding_scope: RoundingScope = "line"
    rounding_mode: RoundingMode = "half_up"
    third_country: Literal["O", "G"] = "O"
    recheck_days: int = 30
    late_proof: LateProof = "automatic"
    provider_countries: Collection[str] = ()
    provider_failure: ProviderFailure = "refuse"

    def prices_include_tax(self, country: str) -> bool:
        return self.inclusive_by_country.get(country, self.inclusive)


def default_threshold(home_currency: str) -> int | None:
    return THRESHOLD_EUR if home_currency == "EUR" else None
