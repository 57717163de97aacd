"""Renewing at the simulated vendor, fault by fault: one further year, one charge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from nextbill.capabilities.domains.ports import NoFunds, Renewal
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from tests.support.registrar import Desk, open_desk

NAME, RENEW = "shopfoo.com", "POST /api/domains/renew"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def _registered(desk: Desk, name: str = NAME) -> date:
    """The day on which it expires."""
    found = await desk.registrar.register(await desk.order(name))
    assert found.expires_on is not None
    return found.expires_on


async def _renewals(desk: Desk) -> int:
    return [entry["kind"] for entry in await desk.vendor("charges")].count("RenewDomain")


def _year_later(day: date) -> date:
    return day.replace(year=day.year + 1)


async def test_a_renewal_adds_a_year_and_is_charged_once(desk: Desk) -> None:
    ends = await _registered(desk)
    renewed = await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert (renewed.state, renewed.expires_on) == ("renewed", _year_later(ends))
    assert await desk.registrar.find_renewal(NAME, expires_on=ends) == Renewal("renewed", _year_later(ends))
    assert await _renewals(desk) == 1


async def test_the_same_renewal_again_charges_nothing(desk: Desk) -> None:
    ends = await _registered(desk)
    first = await desk.registrar.renew(NAME, years=1, expires_on=ends)
    again = await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert (again.state, again.expires_on) == ("renewed", first.expires_on)
    assert await _renewals(desk) == 1


async def test_four_at_once_are_one_year(desk: Desk) -> None:
    ends = await _registered(desk)
    await asyncio.gather(*(desk.registrar.renew(NAME, years=1, expires_on=ends) for _ in range(4)), return_exceptions=True)
    assert await _renewals(desk) == 1
    assert await desk.registrar.find_renewal(NAME, expires_on=ends) == Renewal("renewed", _year_later(ends))


@pytest.mark.parametrize("effect", ["lost_after", "error_after"])
async def test_an_answer_lost_after_the_deed_is_unknown_and_the_look_finds_it(desk: Desk, effect: str) -> None:
    ends = await _registered(desk)
    await desk.strike(effect, RENEW)
    with pytest.raises(VendorUnknown):
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert await desk.registrar.find_renewal(NAME, expires_on=ends) == Renewal("renewed", _year_later(ends))
    assert await _renewals(desk) == 1


@pytest.mark.parametrize("effect", ["lost_before", "error_before", "html"])
async def test_no_clear_answer_is_unknown_and_the_look_finds_nothing(desk: Desk, effect: str) -> None:
    ends = await _registered(desk)
    await desk.strike(effect, RENEW)
    with pytest.raises(VendorUnknown):
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert await desk.registrar.find_renewal(NAME, expires_on=ends) is None
    assert await _renewals(desk) == 0


async def test_what_cannot_be_read_before_is_certainly_not_done(desk: Desk) -> None:
    ends = await _registered(desk)
    await desk.strike("html", "details-by-name")
    with pytest.raises(VendorUnavailable):
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert await _renewals(desk) == 0


async def test_without_money_the_order_is_kept_and_a_top_up_completes_it(desk: Desk) -> None:
    ends = await _registered(desk)
    await desk.vendor("balance", set="1.00")
    with pytest.raises(NoFunds) as poverty:
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert poverty.value.order_ref is not None
    waiting = await desk.registrar.find_renewal(NAME, expires_on=ends)
    assert waiting is not None
    assert (waiting.state, waiting.waiting_for_funds, waiting.expires_on) == ("pending", True, ends)
    assert (await desk.registrar.renew(NAME, years=1, expires_on=ends)).state == "pending"
    await desk.vendor("balance", top_up="50.00")
    assert await desk.registrar.find_renewal(NAME, expires_on=ends) == Renewal("renewed", _year_later(ends))
    assert await _renewals(desk) == 1


async def test_in_the_grace_it_is_renewed_from_its_old_end(desk: Desk) -> None:
    ends = await _registered(desk)
    await desk.seconds_pass((365 + 20) * 86_400)
    assert (await desk.registrar.renew(NAME, years=1, expires_on=ends)).expires_on == _year_later(ends)


async def test_after_the_grace_it_can_only_be_restored(desk: Desk) -> None:
    ends = await _registered(desk)
    await desk.seconds_pass((365 + 45) * 86_400)
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert refusal.value.reason == "lapsed"
    assert await _renewals(desk) == 0


async def test_a_name_that_is_not_ours_and_an_end_that_is_sooner_are_refused(desk: Desk) -> None:
    ends = await _registered(desk)
    with pytest.raises(VendorRejected) as stranger:
        await desk.registrar.renew("takenfoo.com", years=1, expires_on=ends)
    with pytest.raises(VendorRejected) as sooner:
        await desk.registrar.renew(NAME, years=1, expires_on=ends + timedelta(days=30))
    assert (stranger.value.reason, sooner.value.reason) == ("not_ours", "expiry_differs")
    assert await _renewals(desk) == 0


@pytest.mark.parametrize("days", [-1, 1])
async def test_an_end_that_is_a_day_off_is_the_same_end_and_is_renewed(desk: Desk, days: int) -> None:
    """By the zone of a clock, or the hour of a registry: nobody has renewed it for a day."""
    ends = await _registered(desk)
    ours = ends + timedelta(days=days)
    assert await desk.registrar.find_renewal(NAME, expires_on=ours) is None
    assert (await desk.registrar.renew(NAME, years=1, expires_on=ours)).expires_on == _year_later(ends)
    assert await desk.registrar.find_renewal(NAME, expires_on=ours) == Renewal("renewed", _year_later(ends))
    assert await _renewals(desk) == 1


async def test_an_end_that_was_moved_by_less_than_a_year_is_no_renewal(desk: Desk) -> None:
    ends = await _registered(desk)
    with pytest.raises(VendorRejected) as moved:
        await desk.registrar.renew(NAME, years=1, expires_on=ends - timedelta(days=30))
    assert moved.value.reason == "expiry_differs"
    assert await _renewals(desk) == 0


async def test_more_than_ten_years_is_refused(desk: Desk) -> None:
    ends = await _registered(desk)
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.renew(NAME, years=10, expires_on=ends)
    assert refusal.value.reason == "invalid"


@pytest.mark.parametrize("kind", ["busy", "throttled"])
async def test_busy_and_throttled_are_certainly_not_done(desk: Desk, kind: str) -> None:
    ends = await _registered(desk)
    if kind == "busy":
        await desk.vendor("faults", kind="busy", pattern=RENEW)
    else:
        await desk.strike("throttled", RENEW)
    with pytest.raises(VendorUnavailable) as later:
        await desk.registrar.renew(NAME, years=1, expires_on=ends)
    assert later.value.reason == kind
    assert (await desk.registrar.renew(NAME, years=1, expires_on=ends)).state == "renewed"
    assert await _renewals(desk) == 1
