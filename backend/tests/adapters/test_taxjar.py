"""A provider of rates behind the port, over real HTTP to its simulator, and what its answers do to a sale."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from nextbill.adapters.taxjar import TaxJar
from nextbill.capabilities import tax
from nextbill.capabilities.tax.jobs import AskRate
from nextbill.capabilities.tax.ports import Question
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.jobs import JobContext
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable
from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.faults import Rule
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.taxjar.app import create_app
from tests.support.trade import NOW, open_trade

TEXAS = Question("US", "TX", "73301", ("hosting", "domain"), date(2026, 7, 1))


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[tuple[str, httpx.AsyncClient, Faults]]:
    bound = listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    store, faults = Store(tmp_path / "taxjar.sqlite"), Faults(1)
    world = World("taxjar", url, store, SharedClock(tmp_path / "clock.json"), faults, {"api_key": "key"})
    async with serve(create_app(world), listener=bound, leaving=asyncio.Event()), guarded_client(timeout=1.0, allow=["127.0.0.0/8"]) as http:
        yield url, http, faults
    store.close()


def provider(site: tuple[str, httpx.AsyncClient, Faults], key: str = "key") -> TaxJar:
    return TaxJar(site[1], base_url=site[0], api_key=key, seller_country="US")


async def test_rates_by_class_and_place(site: tuple[str, httpx.AsyncClient, Faults]) -> None:
    found = await provider(site).assess(TEXAS)
    assert [(answer.product_class, answer.rate_ppm, answer.name) for answer in found] == [
        ("hosting", 82_500, "Sales tax TX 8.25 %"),
        ("domain", 82_500, "Sales tax TX 8.25 %"),
    ]
    assert [answer.rate_ppm for answer in await provider(site).assess(Question("US", "CA", "94105", ("hosting", "domain"), NOW.date()))] == [
        0,
        72_500,
    ]
    assert [answer.rate_ppm for answer in await provider(site).assess(Question("US", "OR", "97201", ("hosting",), NOW.date()))] == [0]


async def test_refusals_and_silence(site: tuple[str, httpx.AsyncClient, Faults]) -> None:
    with pytest.raises(VendorRejected, match="unauthorized"):
        await provider(site, "wrong").assess(TEXAS)
    with pytest.raises(VendorRejected, match="bad_request"):
        await provider(site).assess(Question("US", "TX", "", ("hosting",), NOW.date()))
    for effect, reason in (("html", "busy"), ("lost_after", "no_answer"), ("throttled", "busy")):
        site[2].add(Rule(effect=effect))  # type: ignore[arg-type]  # each of the effects
        with pytest.raises(VendorUnavailable, match=reason):
            await provider(site).assess(TEXAS)
    site[2].add(Rule(effect="error_before", status=200, body='{"tax": []}'))
    with pytest.raises(VendorUnavailable, match="unparsable"):
        await provider(site).assess(TEXAS)


async def test_a_sale_waits_for_the_answer_and_uses_it(dsn: str, site: tuple[str, httpx.AsyncClient, Faults]) -> None:
    async with open_trade(dsn) as trade:
        policy = {"seller_country": "US", "home_currency": "USD", "provider_countries": ["US"]}
        async with trade.writing() as tx:
            await tax.set_policy(tx, changes=policy, effective_on=date(2026, 1, 1), actor="test", now=NOW)
            await tax.want_rates(tx, country="US", state="TX", postal_code="73301", now=NOW)
            await tax.want_rates(tx, country="DE", state="", postal_code="10115", now=NOW)
        with trade.sql() as owner:
            ids = [row[0] for row in owner.execute("select id from tax_provider_rate").fetchall()]
        assert len(ids) == 2

        async def assess() -> tax.TaxedLine:
            line = tax.TaxableLine("a", "hosting", Money(9900, "USD"))
            async with trade.database.reading(Role.WORK) as tx:
                found = await tax.assess(
                    tx, lines=[line], country="US", state="TX", status="consumer", tax_id=None, on=NOW.date(), postal_code="73301"
                )
            return found[0]

        site[2].add(Rule(effect="html", times=1))
        job = AskRate(provider(site), trade.database)
        await run(job, ids[0])
        with pytest.raises(tax.TaxNotKnown):
            await assess()
        for rate_id in ids:
            await run(job, rate_id)
        taxed = await assess()
        assert (taxed.tax.minor, taxed.note, taxed.rule_version, taxed.category) == (817, "Sales tax TX 8.25 %", 1, "S")


async def run(job: AskRate, rate_id: object, now: datetime = NOW) -> None:
    await job({"rate_id": str(rate_id)}, JobContext(now, 0, last=False))
