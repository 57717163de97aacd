"""Where a supply of hosting or domains is taxed, and how: electronically supplied services by Directive 2006/112/EC (Articles 44, 58, 59c, 196).

A careful practitioner's reading, not advice; what a shop may see otherwise is a choice in its policy or a rule of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nextbill.capabilities.tax.rules.choosing import TaxCategory
from nextbill.capabilities.tax.rules.policy import Policy
from nextbill.capabilities.tax.rules.union import MEMBERS, Territory

IdState = Literal["none", "pending", "valid", "invalid", "unavailable", "stale", "unchecked"]
"""Of the buyer's tax id. `stale`: confirmed too long ago. `unchecked`: of a country where nobody is asked."""

Scheme = Literal["rules", "domestic", "home", "destination", "reverse_charge", "outside", "small_business", "certificate"]
"""What a supply is in the VAT book. `home`: to a consumer in another member state at the seller's rate, which counts towards the threshold;
`destination`: at the buyer's rate, reported by the one-stop shop; `rules`: no policy, or a country outside the Union."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """A certificate that staff has seen and granted."""

    number: str
    country: str


@dataclass(frozen=True, slots=True)
class Situation:
    """`past_threshold`: the destination's rates are due, by this or the last year's sales or by this very sale."""

    buyer: Territory
    status: str
    id_state: IdState
    past_threshold: bool = False
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """`place`: the country whose rules give the rate, None where no rate is looked for. `reason` is stable; `params` fill its words."""

    scheme: Scheme
    place: str | None
    category: TaxCategory = "S"
    exemption_code: str | None = None
    reason: str = "rate"
    params: Mapping[str, str] = field(default_factory=dict)


def decide(policy: Policy | None, found: Situation) -> Treatment:
    """One answer for all lines of a sale; which rule gives a line's rate is chosen afterwards, at `place`."""
    if found.exemption is not None:
        return Treatment("certificate", None, "E", None, "certificate", {"number": found.exemption.number, "country": found.exemption.country})
    if policy is None:
        return Treatment("rules", found.buyer.country)
    if policy.seller_country not in MEMBERS:
        return _from_outside(policy, found)
    if not found.buyer.member:
        return _to_outside(policy, found)
    if found.buyer.country == policy.seller_country:
        return _at_home(policy, "domestic")
    if found.status == "business" and found.id_state == "valid":
        return _reverse_charge(policy, found)
    return Treatment("destination", found.buyer.country) if _at_destination(policy, found) else _at_home(policy, "home")


def _at_destination(policy: Policy, found: Situation) -> bool:
    if policy.oss == "auto":
        return found.past_threshold
    return policy.oss == "registered"


def _at_home(policy: Policy, scheme: Scheme) -> Treatment:
    if not policy.small_business:
        return Treatment(scheme, policy.seller_country)
    code = "VATEX-FR-FRANCHISE" if policy.seller_country == "FR" else None
    own = {f"words_{language}": words for language, words in policy.small_business_notes.items()}
    return Treatment("small_business", None, "E", code, "small_business", {"country": policy.seller_country, **own})


def _reverse_charge(policy: Policy, found: Situation) -> Treatment:
    return Treatment("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge", {"country": found.buyer.country, "seller": policy.seller_country})


def _to_outside(policy: Policy, found: Situation) -> Treatment:
    """The buyer's country's own rules first: a shop may be registered there."""
    code = f"VATEX-EU-{policy.third_country}"
    reason = "export" if policy.third_country == "G" else "outside_scope"
    params = {"country": found.buyer.country, "seller": policy.seller_country}
    return Treatment("outside", found.buyer.country, policy.third_country, code, reason, params)


def _from_outside(policy: Policy, found: Situation) -> Treatment:
    """A seller outside the Union knows no threshold: destination's rates once registered for the non-Union scheme, businesses account themselves."""
    if not found.buyer.member or policy.oss != "registered":
        return Treatment("rules", found.buyer.country)
    if found.status == "business" and found.id_state == "valid":
        return _reverse_charge(policy, found)
    return Treatment("destination", found.buyer.country)
