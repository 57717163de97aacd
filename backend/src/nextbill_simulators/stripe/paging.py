"""Cursor paging, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe.errors import invalid, no_such
from nextbill_simulators.stripe.form import INTEGER, TEXT, Tree

PAGING: dict[str, Any] = {"limit": INTEGER, "starting_after": TEXT, "ending_before": TEXT}


def page(oldest_first: Sequence[Document], params: Tree, *, url: str, noun: str) -> Document:
    items = list(reversed(oldest_first))
    limit = _limit(params)
    if "ending_before" in params:
        before = items[: _position(items, params["ending_before"], noun, "ending_before")]
        return _listed(before[-limit:], more=len(before) > limit, url=url)
    start = _position(items, params["starting_after"], noun, "starting_after") + 1 if "starting_after" in params else 0
    return _listed(items[start : start + limit], more=len(items) > start + limit, url=url)


def within(value: int, bounds: int | dict[str, int] | None) -> bool:
    """Stripe's range filter: an exact number, or gt, gte, lt, lte."""
    if bounds is None:
        return True
    if isinstance(bounds, int):
        return value == bounds
    tests = {
        "gt": value > bounds.get("gt", value),
        "gte": value >= bounds.get("gte", value),
        "lt": value < bounds.get("lt", value),
        "lte": value <= bounds.get("lte", value),
    }
    return all(tests[name] for name in bounds)


def _listed(data: list[Document], *, more: bool, url: str) -> Document:
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _limit(params: Tree) -> int:
    limit: int = params.get("limit", 10)
    if limit < 1:
        raise invalid("This value must be greater than or equal to 1.", param="limit", code="parameter_invalid_integer")
    if limit > 100:
        raise invalid(f"This value must be less than or equal to 100 (it currently is '{limit}').", param="limit", code="parameter_invalid_integer")
    return limit


def _position(items: list[Document], key: str, noun: str, param: str) -> int:
    for place, item in enumerate(items):
        if item["id"] == key:
            return place
    raise no_such(noun, key, param=param)
