"""Quotas held, used and given back: never over the limit, none lost, whoever asks at the same time and whatever dies in between."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nextbill.capabilities import licensing
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.panels import Panel, open_panel, panel_key_of


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop) as opened:
        yield opened


async def allow(shop: Workshop, license_id: object, **limits: int | None) -> None:
    async with shop.writing() as tx:
        await licensing.override_limits(
            tx, license_id=license_id, limits=limits, features={}, actor="system", reason="for the test", now=shop.now()
        )  # fmt: skip


async def counts(shop: Workshop, license_id: object, resource: str = "databases") -> tuple[int, int]:
    """Used and reserved."""
    rows = await shop.rows(
        "select used_count, reserved_count from licensing_quota where license_id = :id and resource = :resource", id=license_id, resource=resource
    )
    return (rows[0].used_count, rows[0].reserved_count)


async def test_what_is_held_is_used_once_committed_and_free_once_released(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    held = await panel.reserve(key, external_id="first")
    assert (held.status_code, held.json()["status"], held.json()["remaining_quota"]) == (201, "held", 1)
    assert (await panel.validate(key, "create_database"))["remaining_quota"] == 1
    for _ in range(2):
        committed = await panel.conclude(held.json()["id"], "commit")
        assert (committed.status_code, committed.json()["status"]) == (200, "committed")
    assert await counts(shop, license_id) == (1, 0)
    refused = await panel.conclude(held.json()["id"], "release")
    assert (refused.status_code, refused.json()["code"]) == (409, "reservation_committed")
    second = await panel.reserve(key, external_id="second")
    assert second.json()["remaining_quota"] == 0
    full = await panel.reserve(key, external_id="third")
    assert (full.status_code, full.json()["code"], full.json()["remaining_quota"], full.json()["resource"]) == (409, "quota_exceeded", 0, "databases")
    for _ in range(2):
        assert (await panel.conclude(second.json()["id"], "release")).json()["status"] == "released"
    gone = await panel.conclude(second.json()["id"], "commit")
    assert (gone.status_code, gone.json()["code"], gone.json()["state"]) == (409, "reservation_gone", "released")
    assert await counts(shop, license_id) == (1, 0)
    assert (await panel.reserve(key, "emails", external_id="unlimited")).json()["remaining_quota"] is None
    assert await shop.violations() == []


async def test_the_same_external_id_holds_once_and_stands_for_one_thing(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    first = await panel.reserve(key, external_id="same")
    again = await panel.reserve(key, external_id="same")
    assert (again.status_code, again.json()) == (200, first.json())
    other = await panel.reserve(key, external_id="same", quantity=2)
    assert (other.status_code, other.json()["code"]) == (409, "external_id_reused")
    assert (await panel.reserve(key, "emails", external_id="same")).json()["code"] == "external_id_reused"
    assert await counts(shop, license_id) == (0, 1)


async def test_one_external_id_for_two_things_at_once_holds_one_of_them(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    asked = [
        panel.reserve(key, resource, external_id="same", quantity=many) for resource, many in (("databases", 1), ("emails", 1), ("databases", 2)) * 5
    ]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200, 201, 409}
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"external_id_reused"}


async def test_the_same_external_id_from_many_processes_at_once_holds_once(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    async with open_panel(shop, processes=3) as panel:
        answers = await asyncio.gather(*(panel.reserve(key, external_id="same") for _ in range(30)))
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert await counts(shop, license_id) == (0, 1)
    assert await shop.violations() == []


async def test_takers_of_the_last_units_over_several_processes_get_all_of_them_and_not_one_more(shop: Workshop) -> None:
    """Amounts of one to three, so that the sums of batches often do not fit where single ones do."""
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=100)
    dice = random.Random(5)
    async with open_panel(shop, processes=3) as panel:
        asked = [dice.randint(1, 3) for _ in range(150)]
        answers = await asyncio.gather(*(panel.reserve(key, external_id=f"t{n}", quantity=amount) for n, amount in enumerate(asked)))
        taken = sum(amount for amount, answer in zip(asked, answers, strict=True) if answer.status_code == 201)
        assert Counter(answer.status_code for answer in answers).keys() == {201, 409}
        assert await counts(shop, license_id) == (0, taken)
        assert taken <= 100
        while (left := await panel.reserve(key, external_id=f"rest-{new_id()}")).status_code == 201:
            taken += 1
        assert (taken, left.json()["code"]) == (100, "quota_exceeded")
        held = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        ends = await asyncio.gather(*(panel.conclude(one, "commit" if place % 2 else "release") for place, one in enumerate(held)))
        assert {answer.status_code for answer in ends} == {200}
    used, reserved = await counts(shop, license_id)
    rows = await shop.rows("select state, sum(quantity)::int as sum from licensing_reservation group by 1")
    by_state = {row.state: row.sum for row in rows}
    assert (used, reserved) == (by_state.get("committed", 0), by_state.get("held", 0))
    assert await shop.violations() == []


async def test_one_by_one_and_together_count_alike(shop: Workshop) -> None:
    """Three units, two hundred takers of two: one gets it, whichever way the requests meet."""
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=3)
    async with open_panel(shop, processes=2) as panel:
        together = await asyncio.gather(*(panel.reserve(key, external_id=f"a{n}", quantity=2) for n in range(60)))
        alone = [await panel.reserve(key, external_id=f"b{n}", quantity=2) for n in range(5)]
    assert [answer.status_code for answer in (*together, *alone)].count(201) == 1
    assert await counts(shop, license_id) == (0, 2)


async def test_committing_and_releasing_at_the_same_time_ends_it_once(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    await allow(shop, license_id, databases=50)
    async with open_panel(shop, processes=3) as panel:
        held = [(await panel.reserve(key, external_id=f"r{n}")).json()["id"] for n in range(20)]
        ends = [panel.conclude(one, how) for one in held for how in ("commit", "release", "commit")]
        random.Random(1).shuffle(ends)
        answers = await asyncio.gather(*ends)
    assert {answer.status_code for answer in answers} <= {200, 409}
    states = Counter(row.state for row in await shop.rows("select state from licensing_reservation"))
    assert sum(states.values()) == 20
    assert "held" not in states
    assert await counts(shop, license_id) == (states["committed"], 0)


async def test_a_panel_that_dies_between_reserving_and_committing_gives_it_back_in_time(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    held = [await panel.reserve(key, external_id=f"d{n}", ttl_seconds=60) for n in range(2)]
    assert (await panel.reserve(key, external_id="early")).status_code == 409
    shop.advance(seconds=61)
    late = await panel.conclude(held[0].json()["id"], "commit")
    assert (late.status_code, late.json()["state"]) == (409, "expired")
    after = await panel.reserve(key, external_id="late")
    assert (after.status_code, after.json()["remaining_quota"]) == (201, 1)
    assert await counts(shop, license_id) == (0, 1)
    assert (await panel.conclude(held[1].json()["id"], "release")).json()["status"] == "expired"
    assert await shop.violations() == []


async def test_who_may_not_reserve_is_told_why_and_nothing_is_held(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    elsewhere = await panel_key_of(shop, panel, server_id=new_id())
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    foreign = await elsewhere.reserve(key)
    assert (foreign.status_code, foreign.json()["code"], foreign.json()["reason"]) == (409, "license_refused", "wrong_server")
    unknown = await panel.reserve("NP-2222-2222-2222")
    assert unknown.json()["reason"] == "unknown_license"
    assert (await panel.reserve(key, "unicorns")).json()["fields"][0]["field"] == "resource"
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    assert (await panel.reserve(key)).json()["reason"] == "suspended"
    assert await counts(shop, license_id) == (0, 0)
    held = await shop.rows("select 1 from licensing_reservation")
    assert held == []


async def test_another_servers_reservation_is_not_there(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    server = new_id()
    own, elsewhere = await panel_key_of(shop, panel, server_id=server), await panel_key_of(shop, panel, server_id=new_id())
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=server, now=shop.now())
    held = (await own.reserve(key)).json()["id"]
    for how in ("commit", "release"):
        refused = await elsewhere.conclude(held, how)
        assert (refused.status_code, refused.json()["code"]) == (404, "reservation_not_found")
    for strange in ("nonsense", str(new_id())):
        assert (await own.conclude(strange, "commit")).status_code == 404
    assert await counts(shop, license_id) == (0, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"license_key": "NP-2222-2222-2222", "external_id": "x"}, "resource"),
        ({"license_key": "NP-2222-2222-2222", "external_id": "x", "resource": "databases", "quantity": 0}, "quantity"),
        ({"license_key": "NP-2222-2222-2222", "external_id": "x", "resource": "databases", "quantity": "2"}, "quantity"),
        ({"license_key": "NP-2222-2222-2222", "external_id": "", "resource": "databases"}, "external_id"),
        ({"license_key": "NP-2222-2222-2222", "external_id": "x", "resource": "databases", "ttl": 4}, "ttl"),
    ],
)
async def test_bad_input_names_its_field(panel: Panel, body: dict[str, object], field: str) -> None:
    refused = await panel.ask("POST", "/api/v1/licenses/reservations", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [entry["field"] for entry in refused.json()["fields"]] == [field]
    assert json.dumps(refused.json()).count("NP-2222") == 0
