"""What comes with a plan: limits added up, names included, years of a name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle

PlanKind = Literal["hosting", "addon", "product"]
PlanState = Literal["draft", "on_sale", "withdrawn"]
OptionKind = Literal["choice", "quantity"]
IncludedFor = Literal["first_year", "while_active"]
DomainOperation = Literal["register", "renew", "transfer"]
OPERATIONS: Final[tuple[DomainOperation, ...]] = ("register", "renew", "transfer")

HOSTING: Final = "hosting"
DOMAIN: Final = "domain"

Limits = Mapping[str, int | None]
_ANY_DAY: Final = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Included:
    """`names` domains of these endings come with a plan that is bought for `minimum` or longer: their first year, or as long as the plan is active."""

    names: int
    tlds: tuple[str, ...]
    minimum: Cycle | None
    lasts: IncludedFor

    def covers(self, tld: str, *, cycle: Cycle | None) -> bool:
        return tld in self.tlds and cycle is not None and (self.minimum is None or _length(cycle) >= _length(self.minimum))


@dataclass(frozen=True, slots=True)
class Share:
    """What an add-on or a value of an option brings: limits (None: unlimited) and features."""

    limits: Limits
    features: Sequence[str]


def added_up(limits: Limits, features: Sequence[str], shares: Iterable[Share]) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """The plan's with everything that comes on top. Unlimited stays unlimited; a resource that the plan does not name is new."""
    whole, codes = dict(limits), list(features)
    for share in shares:
        for resource, more in share.limits.items():
            whole[resource] = _sum(whole.get(resource, 0), more)
        codes += [code for code in share.features if code not in codes]
    return whole, tuple(codes)


def times(share: Share, quantity: int) -> Share:
    return Share({resource: None if more is None else more * quantity for resource, more in share.limits.items()}, share.features)


def _sum(have: int | None, more: int | None) -> int | None:
    return None if have is None or more is None else have + more


def _length(cycle: Cycle) -> int:
    """Days of the cycle from a day on which 12 months are a year and 28 days are less than a month."""
    return (cycle.nth_boundary(_ANY_DAY, 1) - _ANY_DAY).days


def domain_price(per_year: Money, *, years: int) -> Money:
    return per_year * years
