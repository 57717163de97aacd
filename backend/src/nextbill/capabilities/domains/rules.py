"""Pure decisions about names: which states keep a name taken, whether what a registrar shows is our doing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.thresholds import nearest

DomainState = Literal["pending", "parked", "active", "refused", "cancelled", "expired", "transferring", "transferred", "redemption"]
GONE: frozenset[str] = frozenset({"refused", "cancelled", "expired", "transferred"})
"""In all other states nobody else can order the name from us."""

SKEW = timedelta(days=1)
"""How far a registrar's clock, or its zone left out of a time, may be from ours."""

REGISTRANT_FIELDS = (
    "name", "company", "email", "phone", "address_line_1", "address_line_2", "city", "state", "postal_code", "country",
)  # fmt: skip


def registrant_text(registrant: Mapping[str, str | None]) -> str:
    """One text for one registrant, whatever the order of the fields; unknown fields are refused."""
    unknown = set(registrant) - set(REGISTRANT_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a registrant: {', '.join(sorted(unknown))}")
    return json.dumps({name: registrant.get(name) or "" for name in REGISTRANT_FIELDS}, ensure_ascii=False, separators=(",", ":"))


def registrant_fields(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text)
    return found


def is_our_doing(*, ours: str, theirs: str | None, requested_at: datetime, created_at: datetime | None) -> bool:
    """Whether a name found at the registrar comes from our order: its customer record is the one we ordered with (`ours`),
    and it is not older than the order. What the registrar does not tell speaks neither way, but one of the two must be told.
    """
    if theirs is None and created_at is None:
        return False
    return (theirs is None or theirs == ours) and (created_at is None or created_at >= requested_at - SKEW)


ICANN_NOTICES = (30, 7, -1)
"""Days before a generic name expires on which its registrant must be told, and the day after (ICANN's Expired Registration Recovery Policy, 2.1: about one
month, about one week, and within five days after)."""
_AFTER = 5


def notice_days(tld: str, series: tuple[int, ...]) -> tuple[int, ...]:
    """When the holder of a name that is not renewed by itself is told: the shop's series, and for a generic name ICANN's, whatever else is set.

    An ending of two letters is a country's."""
    generic = len(tld.rpartition(".")[2]) != 2
    return tuple(sorted({*series, *(ICANN_NOTICES if generic else ())}, reverse=True))


def notice_due(tld: str, series: tuple[int, ...], *, left: int, by_itself: bool = False) -> int | None:
    """The threshold that counts with so many days left (below zero: so many days ago). None where nothing is due any more or yet.

    `by_itself`: it is renewed without anybody's doing, so the series is left out; ICANN's notices are not."""
    meant = [days for days in notice_days(tld, () if by_itself else series) if (days < 0) == (left < 0)]
    return nearest(meant, left) if left >= -_AFTER and left != 0 else None


DOMAIN: Final = "domains.domain"
"""Type under which lines of invoices refer to a name."""
RENEWED_YEARS: Final = 1

RenewalState = Literal["held", "invoiced", "renewing", "parked", "renewed", "lapsed", "withdrawn", "given_up"]
RenewalCollection = Literal["charge", "invoice", "free"]
UNDER_WAY: frozenset[str] = frozenset({"held", "invoiced", "renewing", "parked"})
Outlook = Literal["off", "automatic", "unpaid"]


@dataclass(frozen=True, slots=True)
class Renewing:
    """A name that is to be renewed from `from_on`, the day on which it expires. The reference tells how it was sold; `apart`: on an invoice for names only."""

    id: UUID
    customer_id: UUID
    name: DomainName
    tld: str
    from_on: date
    reference_type: str
    reference_id: UUID
    apart: bool

    @property
    def until(self) -> date:
        """What a further term comes to by the calendar; the registrar's day is what counts in the end."""
        return later(self.from_on, RENEWED_YEARS)


def later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)


CHARGED_BY: Final = 14
"""Days before a name expires by which a card was charged for it: one that is still not paid for then waits for somebody."""


def outlook(*, auto_renew: bool, collection: str | None, state: str | None, left: int) -> Outlook:
    """What becomes of a name with so many days left if nobody does anything: of its wish, and of its renewal that is under way, if one is."""
    if state in ("renewing", "parked"):
        return "automatic"
    if state == "held":
        return "off"
    if state == "invoiced":
        return "automatic" if collection == "charge" and left >= CHARGED_BY else "unpaid"
    return "automatic" if auto_renew and state is None else "off"
