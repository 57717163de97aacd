"""Names at a simulated registrar: registered and charged once, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import domains, ledger
from nextbill.capabilities.domains.jobs import RegisterDomain
from nextbill.capabilities.domains.ports import Registration
from nextbill.capabilities.domains.rules import later
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.steps import Step
from tests.capabilities.workshop import Workshop, open_workshop

REGISTER = "domains.register"
WIRE = "POST /api/domains/register"
PATH = "/api/domains/register.json"


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def registered(shop: Workshop) -> list[tuple[str, int]]:
    """What the registrar has: names and how often each was charged."""
    return [(one["name"], one["registrations"]) for one in await shop.vendor("resellerclub", "resellerclub/domains")]


async def test_a_name_is_registered_with_its_name_servers(shop: Workshop) -> None:
    domain_id = await shop.domain(await shop.customer())
    await shop.drain()
    domain = await shop.see_domain(domain_id)
    (order,) = await shop.vendor("resellerclub", "resellerclub/domains")
    assert (domain.state, domain.expires_on) == ("active", date.fromisoformat(order["end"][:10]))
    assert (order["name"], order["ns"], order["customer_email"]) == (
        "shopfoo.com",
        ["ns1.alpha.example.net", "ns2.alpha.example.net"],
        "ada@example.com",
    )
    assert await shop.facts("domains") == ["domains.DomainRegistered"]
    assert await shop.violations() == []


async def test_a_name_whose_end_the_registrar_does_not_tell_yet_ends_by_the_calendar(shop: Workshop) -> None:
    """Without an end it would never be renewed."""
    await shop.vendor("resellerclub", "faults", effect="html", pattern="domains/details-by-name", times=1)
    domain_id = await shop.domain(await shop.customer())
    await shop.drain()
    domain = await shop.see_domain(domain_id)
    assert (domain.state, domain.expires_on) == ("active", later(shop.now().date(), 1))
    assert [times for _, times in await registered(shop)] == [1]


async def test_a_cost_that_the_registrar_tells_leaves_the_prepaid_balance(shop: Workshop) -> None:
    domain_id = await shop.domain(customer := await shop.customer())
    register = RegisterDomain(shop.registrar, shop.cipher, resend_after=timedelta(), time_zone="UTC")
    step = Step(new_id(), REGISTER, domain_id, customer, key_version=1)
    told = Registration("active", "90011223", expires_on=date(2027, 7, 1), cost=Money(1289, "USD"))
    async with shop.writing() as tx:
        await register.record(tx, step, told, now=shop.now())
    async with shop.database.reading(Role.WORK) as tx:
        assert await ledger.balance(tx, ledger.Account.COST_DOMAINS) == {"USD": 1289}
        assert await ledger.balance(tx, ledger.Account.REGISTRAR_PREPAID) == {"USD": -1289}
        assert await ledger.trial_balance(tx) == {"USD": 0}


async def test_the_registrant_is_stored_encrypted(shop: Workshop) -> None:
    await shop.domain(await shop.customer())
    stored = (await shop.rows("select d::text as whole from domains_domain d"))[0].whole
    assert "London" not in stored
    assert "ada@example.com" not in stored


async def test_the_registrars_records_are_made_once_for_a_registrant(shop: Workshop) -> None:
    customer = await shop.customer()
    for name in ("one.com", "two.com"):
        await shop.domain(customer, name)
        await shop.drain()
    await shop.domain(customer, "three.com", city="Paris", country="FR", postal_code="75001")
    await shop.drain()
    handles = await shop.rows("select customer_ref, contact_ref from domains_handle order by id")
    assert (len(handles), len({row.contact_ref for row in handles}), len({row.customer_ref for row in handles})) == (2, 2, 1)
    assert sorted(await registered(shop)) == [("one.com", 1), ("three.com", 1), ("two.com", 1)]


async def test_asking_twice_for_a_reference_is_one_name(shop: Workshop) -> None:
    customer, line = await shop.customer(), new_id()
    assert await shop.domain(customer, reference_id=line) == await shop.domain(customer, reference_id=line)
    await shop.drain()
    assert await registered(shop) == [("shopfoo.com", 1)]


async def test_a_name_that_somebody_has_ordered_here_is_taken(shop: Workshop) -> None:
    await shop.domain(await shop.customer())
    other = await shop.customer("bob@example.com")
    with pytest.raises(domains.DomainTaken):
        await shop.domain(other)
    checked = (await shop.ask("POST", "/domains/check", {"names": ["shopfoo.com"]})).json()["items"]
    assert [(one["status"], one["price"]) for one in checked] == [("taken", None)]


async def test_an_answer_lost_after_the_deed_is_found_by_the_look(shop: Workshop) -> None:
    await shop.vendor("resellerclub", "faults", effect="lost_after", pattern=WIRE, times=1)
    domain_id = await shop.domain(await shop.customer())
    await shop.drain(patience=4)
    assert (await shop.see_domain(domain_id)).state == "active"
    assert await registered(shop) == [("shopfoo.com", 1)]
    assert await shop.calls("resellerclub", "POST", PATH) == 1


async def test_an_answer_lost_before_the_deed_is_sent_again_only_after_two_looks_ten_minutes_apart(shop: Workshop) -> None:
    await shop.vendor("resellerclub", "faults", effect="lost_before", pattern=WIRE, times=1)
    domain_id = await shop.domain(await shop.customer())
    await shop.drain(patience=2.5)
    assert (await shop.see_domain(domain_id)).state == "pending"
    assert await shop.calls("resellerclub", "POST", PATH) == 1
    assert (await shop.rows("select absent_since from runtime_step where name = :name", name=REGISTER))[0].absent_since is not None
    shop.advance(minutes=11)
    await _take_up_now(shop)
    await shop.drain(patience=2.5)
    assert (await shop.see_domain(domain_id)).state == "active"
    assert await shop.calls("resellerclub", "POST", PATH) == 2
    assert await registered(shop) == [("shopfoo.com", 1)]


async def test_a_name_that_is_refused_frees_the_line_for_another(shop: Workshop) -> None:
    customer, line = await shop.customer(), new_id()
    refused = await shop.domain(customer, "refused-shop.com", reference_id=line)
    await shop.drain()
    seen = await shop.see_domain(refused)
    assert (seen.state, seen.reason) == ("refused", "taken")
    assert await shop.facts("domains") == ["domains.DomainRefused"]
    another = await shop.domain(customer, "another-shop.com", reference_id=line)
    await shop.drain()
    assert ((await shop.see_domain(another)).state, another == refused) == ("active", False)
    async with shop.database.reading(Role.WORK) as tx:
        found = await domains.domain_for(tx, reference_type="orders.line", reference_id=line)
    assert found is not None
    assert found.id == another
    assert await shop.violations() == []


async def test_no_funds_park_and_after_a_top_up_the_retry_delivers_once(shop: Workshop) -> None:
    await shop.vendor("resellerclub", "resellerclub/balance", set="0.00")
    domain_id = await shop.domain(await shop.customer())
    await shop.drain()
    parked = await shop.see_domain(domain_id)
    assert (parked.state, parked.reason) == ("parked", "no_funds")
    assert await shop.facts("domains") == ["domains.DomainParked"]
    assert await shop.violations() == []
    own = await shop.ask("GET", f"/domains/{domain_id}", token=await shop.token())
    assert (own.json()["status"], own.json()["reason"]) == ("pending", None)
    await shop.vendor("resellerclub", "resellerclub/balance", top_up="100.00")
    assert await shop.retry(REGISTER, domain_id)
    await shop.drain(patience=4)
    if (await shop.see_domain(domain_id)).state != "active":  # a look that found nothing yet: the second one is due
        shop.advance(minutes=11)
        await _take_up_now(shop)
        await shop.drain(patience=4)
    assert (await shop.see_domain(domain_id)).state == "active"
    assert await registered(shop) == [("shopfoo.com", 1)]


async def test_a_name_that_is_queued_at_the_registry_is_waited_for(shop: Workshop) -> None:
    domain_id = await shop.domain(await shop.customer(), "pending-shop.com")
    await shop.drain(patience=0.5)
    assert (await shop.see_domain(domain_id)).state == "pending"
    shop.advance(minutes=2)
    await _take_up_now(shop)
    await shop.drain()
    assert (await shop.see_domain(domain_id)).state == "active"
    assert await registered(shop) == [("pending-shop.com", 1)]


async def test_a_name_in_our_account_that_is_not_this_orders_is_never_adopted(shop: Workshop) -> None:
    await shop.domain(await shop.customer())
    await shop.drain()
    owner = shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner) as connection:
        connection.execute("update domains_domain set state = 'cancelled'")
    theirs = await shop.domain(await shop.customer("bob@example.com"), email="bob@example.com", name="Bob")
    await shop.drain(patience=4)
    parked = await shop.see_domain(theirs)
    assert (parked.state, parked.reason) == ("parked", "not_our_doing")
    assert await registered(shop) == [("shopfoo.com", 1)]


async def test_a_registrar_that_refuses_us_parks_and_refunds_nobody(shop: Workshop) -> None:
    await shop.vendor("resellerclub", "resellerclub/whitelist", enforced=True, addresses=["192.0.2.1"])
    domain_id = await shop.domain(await shop.customer())
    await shop.drain()
    parked = await shop.see_domain(domain_id)
    assert (parked.state, parked.reason) == ("parked", "not_allowed")
    await shop.vendor("resellerclub", "resellerclub/whitelist", enforced=False)
    assert await shop.retry("domains.prepare_registrant", domain_id)
    await shop.drain()
    assert (await shop.see_domain(domain_id)).state == "active"


async def test_a_request_that_was_not_sent_can_be_taken_back(shop: Workshop) -> None:
    customer = await shop.customer()
    domain_id = await shop.domain(customer)
    async with shop.writing() as tx:
        assert await domains.withdraw_registration(tx, domain_id=domain_id, now=shop.now()) is True
    await shop.drain()
    assert ((await shop.see_domain(domain_id)).state, await registered(shop)) == ("cancelled", [])
    again = await shop.domain(customer)
    await shop.drain()
    async with shop.writing() as tx:
        assert await domains.withdraw_registration(tx, domain_id=again, now=shop.now()) is False


async def test_check_tells_what_is_free_and_what_it_costs(shop: Workshop) -> None:
    names = ["free-shop.com", "taken-shop.com", "premium-shop.com", "unknown-shop.com", "absent-shop.com", "Bücher-Shop.com"]
    answer = await shop.ask("POST", "/domains/check", {"names": names})
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [one["status"] for one in items] == ["available", "taken", "premium", "unknown", "unknown", "available"]
    price = {"amount": 1499, "currency": "USD"}
    assert [one["price"] for one in items] == [price, None, None, None, None, price]
    assert (items[5]["name"], items[5]["unicode"]) == ("xn--bcher-shop-9db.com", "bücher-shop.com")


async def test_a_registrar_that_does_not_answer_means_unknown(shop: Workshop) -> None:
    await shop.vendor("resellerclub", "faults", effect="html", pattern="domains/available", times=-1)
    answer = await shop.ask("POST", "/domains/check", {"names": ["free-shop.com"]})
    assert [(one["status"], one["price"]) for one in answer.json()["items"]] == [("unknown", None)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"names": ["shop.com", "no dots or sense"]}, "names.1"),
        ({"names": ["shop.com", "shop.aero"]}, "names.1"),
        ({"names": []}, "names"),
        ({"names": ["a.com"] * 21}, "names"),
        ({"names": ["a.com"], "currency": "XTS"}, "currency"),
        ({"names": ["a.com"], "currency": "usd"}, "currency"),
        ({"names": ["10.0.0.1"]}, "names.0"),
    ],
)
async def test_what_cannot_be_sold_is_refused_at_its_field(shop: Workshop, body: dict[str, object], field: str) -> None:
    answer = await shop.ask("POST", "/domains/check", body)
    assert answer.status_code == 422, answer.text
    assert [item["field"] for item in answer.json()["fields"]] == [field]
    assert await shop.vendor("resellerclub", "calls") == []


async def test_a_customer_sees_own_names_and_staff_all(shop: Workshop) -> None:
    mine = await shop.domain(await shop.customer())
    others = await shop.domain(await shop.customer("bob@example.com"), "other.com")
    token, staff = await shop.token(), await shop.staff("support")
    for path in ("/domains", "/domains/"):
        assert [one["id"] for one in (await shop.ask("GET", path, token=token)).json()["items"]] == [str(mine)]
    assert (await shop.ask("GET", f"/domains/{others}", token=token)).json()["code"] == "domain_not_found"
    assert (await shop.ask("GET", "/admin/domains", token=token)).status_code == 403
    assert [one["name"] for one in (await shop.ask("GET", "/admin/domains", token=staff)).json()["items"]] == ["other.com", "shopfoo.com"]


@pytest.mark.parametrize(
    "table", ["domains_domain", "domains_handle", "hosting_account", "hosting_first_login", "hosting_change", "licensing_license", "licensing_quota"]
)
async def test_the_database_shows_another_customers_rows_to_nobody(shop: Workshop, table: str) -> None:
    mine, other = await shop.customer(), await shop.customer("bob@example.com")
    await shop.server()
    await shop.domain(mine)
    await shop.license(mine)
    await shop.account(mine)
    await shop.drain()
    seen = {customer: await _seen(shop, table, customer) for customer in (mine, other)}
    assert seen[other] in (0, "refused")
    owner = {"domains_handle": "refused", "hosting_first_login": "refused", "hosting_change": 0, "licensing_quota": 3}
    assert seen[mine] == owner.get(table, 1)


async def test_a_planted_double_and_a_forgotten_step_are_found(shop: Workshop) -> None:
    await shop.domain(await shop.customer())
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("drop index uq_domains_domain_live_name")
        owner.execute("create temp table copy as select * from domains_domain")
        owner.execute("update copy set id = gen_random_uuid(), reference_id = gen_random_uuid()")
        owner.execute("insert into domains_domain select * from copy")
    assert len(await shop.violations()) == 2


async def _seen(shop: Workshop, table: str, customer: UUID) -> int | str:
    url = shop.database.url(Role.APP).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('app.customer_id', %s, true)", (str(customer),))
        try:
            row = connection.execute(f"select count(*) from {table}").fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return "refused"
    assert row is not None
    return int(row[0])


async def _take_up_now(shop: Workshop) -> None:
    """Pauses between tries are wall time: over at once, as if they had been waited for."""
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("update runtime_step set next_at = now() where state in ('requested','calling','pending','in_doubt')")
        owner.execute("update pgqueuer.pgqueuer set execute_after = now()")
