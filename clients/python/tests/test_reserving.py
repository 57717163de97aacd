"""Quota held while something is made: once, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import nextpanel_license as np
from both_ways import Hand, Make
from tiny_billing import KEY_ID, LICENSE_KEY, SECRET, Billing


class Broken(Exception):
    pass


def only(billing: Billing) -> dict[str, Any]:
    (hold,) = billing.holds.values()
    return hold


def test_committed_on_success(make: Make, billing: Billing) -> None:
    with make().reserve("databases", quantity=2, ttl_seconds=60) as held:
        assert (held.status, held.reservation.source, held.reservation.remaining_quota) == ("held", "billing", 0)
        assert only(billing)["status"] == "held"
    assert (held.status, only(billing)["status"], billing.license.used["databases"]) == ("committed", "committed", 5)
    held.commit()
    held.release()
    assert len(billing.calls) == 2, "it is settled: nothing is asked again"


def test_released_on_an_exception_which_is_told(make: Make, billing: Billing) -> None:
    hold = make().reserve("databases")
    with pytest.raises(Broken), hold:
        raise Broken
    assert (hold.status, only(billing)["status"], billing.license.used["databases"]) == ("released", "released", 3)


@pytest.mark.parametrize("fault", [503, "cut", "page"])
def test_an_exception_is_told_though_the_release_fails(make: Make, billing: Billing, fault: Any) -> None:
    hold = make().reserve("databases")
    with pytest.raises(Broken), hold:
        billing.always = fault
        raise Broken
    assert hold.status == "expired"


def test_no_room_and_nothing_is_made(make: Make, billing: Billing) -> None:
    made = []
    with pytest.raises(np.QuotaExceeded) as full, make().reserve("databases", quantity=3):
        made.append(1)
    assert (full.value.resource, full.value.remaining_quota, made) == ("databases", 2, [])


def test_a_refused_license(make: Make, billing: Billing) -> None:
    client = make()
    client.validate()
    billing.license.reason = "suspended"
    with pytest.raises(np.LicenseRefused) as refused, client.reserve("databases"):
        raise AssertionError
    assert refused.value.reason == "suspended"
    billing.always = 503
    with pytest.raises(np.Unreachable), client.reserve("databases"):
        raise AssertionError("the lease fell with the refusal")


def test_an_answer_lost_holds_once(make: Make, billing: Billing) -> None:
    billing.faults = ["cut", 503]
    with make().reserve("databases"):
        billing.faults = ["cut"]
    assert (only(billing)["status"], billing.license.used["databases"]) == ("committed", 4)
    assert len({call.told["external_id"] for call in billing.asked("reservations") if call.told}) == 1


def test_the_callers_own_id_over_two_processes(make: Make, billing: Billing) -> None:
    make().reserve("databases", external_id="db-17").take()
    with make().reserve("databases", external_id="db-17") as held:
        pass
    assert (held.status, len(billing.holds)) == ("committed", 1)
    with make().reserve("databases", external_id="db-17") as again:
        assert again.status == "committed"
    with pytest.raises(np.Conflict) as reused:
        make().reserve("databases", quantity=2, external_id="db-17").take()
    assert reused.value.code == "external_id_reused"
    only(billing)["status"] = "released"
    with pytest.raises(np.Conflict) as gone:
        make().reserve("databases", external_id="db-17").take()
    assert gone.value.code == "reservation_gone"


def test_a_hold_that_ran_out_is_counted_all_the_same(make: Make, billing: Billing) -> None:
    client = make()
    with client.reserve("databases", external_id="db-18") as held:
        only(billing)["status"] = "expired"
        billing.license.used["databases"] -= 1
    assert (held.status, client.usage.waiting) == ("counted", 1)
    client.usage.flush()
    assert (billing.license.used["databases"], list(billing.events)) == (4, ["db-18"])


@pytest.mark.parametrize("fault", [503, "cut", 429])
@pytest.mark.parametrize("over", [False, True])
def test_a_commit_out_of_reach_is_sent_later_and_counts_once(make: Make, billing: Billing, fault: Any, over: bool) -> None:
    client = make()
    with client.reserve("databases") as held:
        billing.always = fault
    assert held.status == "deferred"
    billing.always = None
    if over and fault != "cut":
        only(billing)["status"] = "expired"
        billing.license.used["databases"] -= 1
    client.usage.flush()
    client.usage.flush()
    assert (client.usage.waiting, billing.license.used["databases"]) == (0, 4)
    assert (only(billing)["status"], len(billing.events)) == (("expired", 1) if over and fault != "cut" else ("committed", 0))


def test_a_commit_that_is_refused_is_kept(make: Make, billing: Billing) -> None:
    client = make()
    with client.reserve("databases") as held:
        billing.permissions = set()
    assert (held.status, client.usage.waiting) == ("deferred", 1)
    with pytest.raises(np.NotPermitted):
        client.usage.flush()
    billing.permissions = {"reservations", "usage"}
    client.usage.flush()
    assert only(billing)["status"] == "committed"


def test_inside_the_lease(make: Make, billing: Billing) -> None:
    client = make()
    client.validate()
    billing.always = 503
    with client.reserve("databases") as first, client.reserve("databases") as second:
        assert (first.reservation.source, first.reservation.remaining_quota, second.reservation.remaining_quota) == ("lease", 1, 0)
        with pytest.raises(np.QuotaExceeded), client.reserve("databases"):
            raise AssertionError("what is being made counts")
    assert first.status == second.status == "deferred"
    with pytest.raises(np.QuotaExceeded):
        client.reserve("databases").take()
    with pytest.raises(np.LicenseRefused):
        client.reserve("teleporters").take()
    with pytest.raises(Broken), client.reserve("domains", quantity=7):
        raise Broken
    billing.always = None
    client.usage.flush()
    assert billing.license.used == {"databases": 5, "domains": 1}
    assert client.validate("create_database").source == "billing"


def test_inside_the_lease_by_the_panels_count(make: Make, billing: Billing) -> None:
    client = make(count=lambda key, resource: 4)
    client.validate()
    billing.always = 503
    with pytest.raises(Broken), client.reserve("databases"):
        raise Broken
    with client.reserve("databases") as held:
        assert held.reservation.remaining_quota == 0, "what was given back is free again"
        with pytest.raises(np.QuotaExceeded):
            client.reserve("databases").take()
    assert client.reserve("databases", used=0).take().remaining_quota == 4


def test_without_a_lease_it_is_closed(make: Make, billing: Billing, hand: Hand) -> None:
    billing.always = 503
    with pytest.raises(np.Unreachable), make().reserve("databases"):
        raise AssertionError


def test_it_is_entered_before_it_is_asked(make: Make) -> None:
    with pytest.raises(RuntimeError, match="nothing is held"):
        make().reserve("databases").status  # noqa: B018 (the asking is the test)


async def test_a_cancelled_task_gives_its_hold_back(billing: Billing) -> None:
    async with np.AsyncLicenseClient(billing.url, key_id=KEY_ID, secret=SECRET, license_key=LICENSE_KEY) as client:
        inside = asyncio.Event()

        async def work() -> None:
            async with client.reserve("databases"):
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert only(billing)["status"] == "released"


async def test_many_tasks_one_client(billing: Billing) -> None:
    async def counted(key: str, resource: str) -> int:
        return 4

    billing.license.limits["databases"] = 13
    async with np.AsyncLicenseClient(billing.url, key_id=KEY_ID, secret=SECRET, license_key=LICENSE_KEY, count=counted) as client:

        async def take() -> bool:
            try:
                async with client.reserve("databases"):
                    return True
            except np.QuotaExceeded:
                return False

        await client.validate()
        assert sorted(await asyncio.gather(*(take() for _ in range(15)))) == [False] * 5 + [True] * 10
        billing.always = 503
        assert (await client.validate("create_database")).remaining_quota == 9, "the panel's own count, awaited"
