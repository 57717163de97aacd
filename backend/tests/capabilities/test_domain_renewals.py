"""Renewals at a simulated registrar: what is paid for is renewed and charged once, whatever becomes of the answer; nothing before it is paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import domains, ledger
from nextbill.capabilities.domains.jobs import RenewDomain
from nextbill.capabilities.domains.ports import Renewal
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.steps import Step, StepRunner
from tests.capabilities.workshop import Workshop, open_workshop

RENEW, WIRE, PATH = "domains.renew", "POST /api/domains/renew", "/api/domains/renew.json"


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def _held(shop: Workshop, *names: str) -> list[domains.Domain]:
    """Registered names of one customer."""
    customer = await shop.customer()
    ids = [await shop.domain(customer, name) for name in names or ("shopfoo.com",)]
    await shop.drain()
    return [await shop.see_domain(id_) for id_ in ids]


async def _invoiced(shop: Workshop, *held: domains.Domain) -> UUID:
    """All on one invoice, as the run writes it; its id."""
    invoice_id = new_id()
    async with shop.writing() as tx:
        dues = await domains.claim_these(tx, [one.id for one in held])
        billed = [domains.BilledName(due, "invoice", invoice_id, new_id(), alone=True) for due in dues]
        await domains.note_billed(tx, billed, run_id=new_id(), chunk_id=new_id(), now=shop.now())
    return invoice_id


async def _paid(shop: Workshop, invoice_id: UUID) -> int:
    async with shop.writing() as tx:
        return await domains.begin_paid(tx, invoice_id, now=shop.now())


async def _renewal(shop: Workshop, held: domains.Domain) -> domains.RenewalView:
    async with shop.database.reading(Role.WORK) as tx:
        found = await domains.latest_renewal(tx, held.id)
    assert found is not None
    return found


async def _at_registrar(shop: Workshop, name: str = "shopfoo.com") -> tuple[str, int]:
    """The day on which it ends there, and how often a renewal was charged."""
    (order,) = [one for one in await shop.vendor("resellerclub", "resellerclub/domains") if one["name"] == name]
    return order["end"][:10], [charge["kind"] for charge in order["charges"]].count("RenewDomain")


def _year_later(held: domains.Domain) -> date:
    assert held.expires_on is not None
    return held.expires_on.replace(year=held.expires_on.year + 1)


async def _renewed_once(shop: Workshop, held: domains.Domain) -> None:
    until = _year_later(held)
    assert ((await _renewal(shop, held)).state, (await shop.see_domain(held.id)).expires_on) == ("renewed", until)
    assert await _at_registrar(shop, held.name.ascii) == (until.isoformat(), 1)
    assert await shop.violations() == []


async def _take_up_now(shop: Workshop) -> None:
    """Pauses between tries are wall time: over at once, as if they had been waited for."""
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("update runtime_step set next_at = now() where state in ('requested','calling','pending','in_doubt')")
        owner.execute("update pgqueuer.pgqueuer set execute_after = now()")


async def test_nothing_goes_to_the_registrar_before_it_is_paid(shop: Workshop) -> None:
    (held,) = await _held(shop)
    invoice_id = await _invoiced(shop, held)
    await shop.drain()
    assert await shop.calls("resellerclub", "POST", PATH) == 0
    assert await _paid(shop, invoice_id) == 1
    await shop.drain()
    await _renewed_once(shop, held)
    assert "domains.DomainRenewed" in await shop.facts("domains")


async def test_a_payment_that_is_told_twice_renews_once(shop: Workshop) -> None:
    held = await _held(shop, "one.com", "two.com")
    invoice_id = await _invoiced(shop, *held)
    assert sorted(await asyncio.gather(_paid(shop, invoice_id), _paid(shop, invoice_id))) == [0, 2]
    await shop.drain()
    assert await _paid(shop, invoice_id) == 0
    await shop.drain()
    for one in held:
        await _renewed_once(shop, one)


async def test_an_expiry_is_billed_once_and_the_next_one_a_year_later(shop: Workshop) -> None:
    (held,) = await _held(shop)
    invoice_id = await _invoiced(shop, held)
    async with shop.writing() as tx:
        assert await domains.claim_these(tx, [held.id]) == []
    with pytest.raises(psycopg.errors.UniqueViolation), psycopg.connect(_owner(shop)) as owner:
        owner.execute("create temp table twin as select * from domains_renewal")
        owner.execute("update twin set id = gen_random_uuid()")
        owner.execute("insert into domains_renewal select * from twin")
    await _paid(shop, invoice_id)
    await shop.drain()
    async with shop.writing() as tx:
        (following,) = await domains.claim_these(tx, [held.id])
    assert following.from_on == _year_later(held)


async def test_two_workers_at_one_step_are_one_call(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await _paid(shop, await _invoiced(shop, held))
    renew = RenewDomain(shop.registrar, resend_after=timedelta(), time_zone="UTC")
    runners = [StepRunner(shop.database, shop.clock, [renew], lease=timedelta(seconds=30)) for _ in range(4)]
    (step,) = await shop.rows("select id from runtime_step where name = :name", name=RENEW)
    states = await asyncio.gather(*(runner.run(step.id) for runner in runners))
    assert [state for state in states if state] == ["succeeded"]
    await _renewed_once(shop, held)


async def test_an_answer_lost_after_the_deed_is_found_by_the_look(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await shop.vendor("resellerclub", "faults", effect="lost_after", pattern=WIRE, times=1)
    await _paid(shop, await _invoiced(shop, held))
    await shop.drain(patience=4)
    await _renewed_once(shop, held)
    assert await shop.calls("resellerclub", "POST", PATH) == 1


async def test_an_answer_lost_before_the_deed_is_sent_again_after_two_looks(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await shop.vendor("resellerclub", "faults", effect="lost_before", pattern=WIRE, times=1)
    await _paid(shop, await _invoiced(shop, held))
    await shop.drain(patience=2.5)
    assert (await _renewal(shop, held)).state == "renewing"
    assert await shop.calls("resellerclub", "POST", PATH) == 1
    shop.advance(minutes=11)
    await _take_up_now(shop)
    await shop.drain(patience=2.5)
    await _renewed_once(shop, held)


async def test_no_funds_park_and_after_a_top_up_the_retry_finds_it_done(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await shop.vendor("resellerclub", "resellerclub/balance", set="0.00")
    await _paid(shop, await _invoiced(shop, held))
    await shop.drain()
    parked = await _renewal(shop, held)
    assert (parked.state, parked.reason) == ("parked", "no_funds")
    assert "domains.DomainRenewalParked" in await shop.facts("domains")
    await shop.vendor("resellerclub", "resellerclub/balance", top_up="100.00")
    async with shop.writing() as tx:
        await domains.try_again(tx, parked.id, now=shop.now())
    await shop.drain(patience=4)
    await _renewed_once(shop, held)
    assert await shop.calls("resellerclub", "POST", PATH) == 1


async def test_what_can_only_be_restored_is_parked_and_may_be_given_up(shop: Workshop) -> None:
    (held,) = await _held(shop)
    shop.advance(days=365 + 45)
    await _paid(shop, await _invoiced(shop, held))
    await shop.drain()
    parked = await _renewal(shop, held)
    assert (parked.state, parked.reason) == ("parked", "lapsed")
    shop.advance(days=2)
    assert [line.split(" on ")[0] for line in await shop.violations() if "renewed" in line] == ["shopfoo.com was paid for"]
    async with shop.writing() as tx:
        await domains.give_up(tx, parked.id, now=shop.now())
        with pytest.raises(domains.RenewalNotHeld):
            await domains.try_again(tx, parked.id, now=shop.now())
    assert (await _renewal(shop, held)).state == "given_up"
    assert [line for line in await shop.violations() if "renewed" in line] == []
    assert await shop.calls("resellerclub", "POST", PATH) == 0


async def test_what_may_be_done_is_not_given_up(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await shop.vendor("resellerclub", "resellerclub/balance", set="0.00")
    await _paid(shop, await _invoiced(shop, held))
    await shop.drain()
    parked = await _renewal(shop, held)
    with pytest.raises(domains.RenewalMayBeDone):
        async with shop.writing() as tx:
            await domains.give_up(tx, parked.id, now=shop.now())


async def test_what_was_taken_back_is_not_renewed_when_money_comes_late(shop: Workshop) -> None:
    held = await _held(shop, "one.com", "two.com")
    invoice_id = await _invoiced(shop, *held)
    async with shop.writing() as tx:
        assert await domains.take_back(tx, (await domains.renewals_on(tx, invoice_id))[0].id, state="lapsed", now=shop.now())
    assert await _paid(shop, invoice_id) == 1
    await shop.drain()
    assert sorted([(await _renewal(shop, one)).state for one in held]) == ["lapsed", "renewed"]
    assert await shop.calls("resellerclub", "POST", PATH) == 1


async def test_what_costs_nothing_is_renewed_without_an_invoice(shop: Workshop) -> None:
    (held,) = await _held(shop)
    async with shop.writing() as tx:
        dues = await domains.claim_these(tx, [held.id])
        await domains.note_billed(tx, [domains.BilledName(due, "free") for due in dues], run_id=new_id(), chunk_id=new_id(), now=shop.now())
    await shop.drain()
    await _renewed_once(shop, held)


@pytest.mark.parametrize("told", [Money(1199, "USD"), None])
async def test_its_cost_is_booked_once_as_told_or_as_listed(shop: Workshop, told: Money | None) -> None:
    (held,) = await _held(shop)
    async with shop.writing() as tx:
        await domains.set_cost(tx, cost=domains.Cost("com", "renew", date(2020, 1, 1), Money(1050, "USD")), now=shop.now())
    before = await _cost(shop)
    await _paid(shop, await _invoiced(shop, held))
    if told is None:
        await shop.drain()
    else:
        renewal = await _renewal(shop, held)
        renew = RenewDomain(shop.registrar, resend_after=timedelta(), time_zone="UTC")
        async with shop.writing() as tx:
            step = Step(new_id(), RENEW, renewal.id, held.customer_id, key_version=1)
            await renew.record(tx, step, Renewal("renewed", _year_later(held), told), now=shop.now())
    assert await _cost(shop) - before == (told.minor if told else 1050)
    (journal,) = await shop.rows("select kind from ledger_journal where reference_id = :id and kind like 'renewal%'", id=held.id)
    assert journal.kind == f"renewal-{held.expires_on}"


async def test_switched_on_again_an_expiry_that_was_withdrawn_may_be_billed(shop: Workshop) -> None:
    (held,) = await _held(shop)
    await _invoiced(shop, held)
    async with shop.writing() as tx:
        await domains.take_back(tx, (await _renewal(shop, held)).id, state="withdrawn", now=shop.now())
        assert await domains.set_wish(tx, held.id, auto_renew=False, apart=None, now=shop.now())
        assert await domains.claim_these(tx, [held.id]) == []
        assert await domains.set_wish(tx, held.id, auto_renew=True, apart=None, now=shop.now())
        assert not await domains.set_wish(tx, held.id, auto_renew=True, apart=False, now=shop.now())
        assert [due.from_on for due in await domains.claim_these(tx, [held.id])] == [held.expires_on]


async def _cost(shop: Workshop) -> int:
    async with shop.database.reading(Role.WORK) as tx:
        return (await ledger.balance(tx, ledger.Account.COST_DOMAINS)).get("USD", 0)


def _owner(shop: Workshop) -> Any:
    return shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
