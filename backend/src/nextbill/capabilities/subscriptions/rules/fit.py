"""Limits of a change: what extras bring, and whether what is in use fits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nextbill.capabilities import catalog

Limits = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Excess:
    """So much of a resource has to go before the change: `used` of it exist, `limit` are allowed then."""

    resource: str
    used: int
    limit: int

    @property
    def to_remove(self) -> int:
        return self.used - self.limit


def excess(used: Mapping[str, int], limits: Limits) -> list[Excess]:
    """What does not fit. A resource that the new limits do not name is not allowed at all."""
    found = []
    for resource, count in sorted(used.items()):
        limit = limits.get(resource, 0)
        if limit is not None and count > limit:
            found.append(Excess(resource, count, limit))
    return found


def with_extras(
    limits: Limits, features: Sequence[str], *, gone: Iterable[catalog.Share], come: Iterable[catalog.Share], anew: Limits
) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """Limits as sold without what goes and with what comes. What was unlimited because of what goes is as in `anew`, the plan's own of today with its extras."""
    whole = dict(limits)
    lost: set[str] = set()
    for share in gone:
        for resource, count in share.limits.items():
            have = whole.get(resource)
            whole[resource] = anew.get(resource) if count is None or have is None else max(0, have - count)
        lost |= set(share.features)
    added = list(come)
    kept = [code for code in features if code not in lost]
    return catalog.added_up(whole, kept, added)
