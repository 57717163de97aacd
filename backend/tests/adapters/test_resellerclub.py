"""The ResellerClub adapter against the simulated vendor over HTTP, fault by fault: exactly one registration, exactly one charge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from nextbill.adapters.registrars.resellerclub import ResellerClub
from nextbill.capabilities.domains.ports import Availability, Handles, NoFunds, RegisterDomain, Registrant
from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown
from tests.support.registrar import ADA, NAMESERVERS, Desk, open_desk

REGISTER = "POST /api/domains/register"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def test_check_answers_every_name_in_the_order_asked(desk: Desk) -> None:
    await desk.registrar.register(await desk.order("mine.com"))
    names = ["takenfoo.net", "free.com", "mine.com", "unknownfoo.org", "absentfoo.com", "premiumfoo.io", "straße.com"]
    assert await desk.registrar.check(names) == [
        Availability("takenfoo.net", "taken"),
        Availability("free.com", "available"),
        Availability("mine.com", "taken"),
        Availability("unknownfoo.org", "unknown"),
        Availability("absentfoo.com", "unknown"),
        Availability("premiumfoo.io", "premium", Money.parse("1850.00", "USD")),
        Availability("straße.com", "available"),
    ]


async def test_one_label_with_many_endings_is_one_call(desk: Desk) -> None:
    await desk.registrar.check([f"shopfoo.{tld}" for tld in ("com", "net", "org", "io", "dev")])
    assert len(await desk.seen("call")) == 1


async def test_prepare_makes_records_once_and_finds_them_again(desk: Desk) -> None:
    first = await desk.registrar.prepare(ADA, "shopfoo.com")
    assert await desk.registrar.prepare(ADA, "shopbar.net") == first
    german = await desk.registrar.prepare(ADA, "shopfoo.de")
    assert (german.customer_ref, german.contact_ref != first.contact_ref) == (first.customer_ref, True)
    assert (len(await desk.seen("customer")), len(await desk.seen("contact"))) == (1, 2)
    (customer,) = await desk.seen("customer")
    assert (customer["phone-cc"], customer["phone"], customer["company"]) == ("44", "2071838750", "N/A")


async def test_a_changed_address_is_a_new_contact_of_the_same_customer(desk: Desk) -> None:
    first = await desk.registrar.prepare(ADA, "shopfoo.com")
    moved = await desk.registrar.prepare(replace(ADA, address_line_1="1 Circus"), "shopfoo.com")
    assert (moved.customer_ref, moved.contact_ref != first.contact_ref) == (first.customer_ref, True)


async def test_prepare_survives_a_lost_signup(desk: Desk) -> None:
    await desk.strike("lost_after", "POST /api/customers/v2/signup")
    handles = await desk.registrar.prepare(ADA, "shopfoo.com")
    assert [row["customerid"] for row in await desk.seen("customer")] == [handles.customer_ref]


@pytest.mark.parametrize(
    ("registrant", "field"),
    [(replace(ADA, phone="12"), "phone"), (replace(ADA, postal_code="1" * 20), "postal_code"), (replace(ADA, country="gb"), "country")],
)
async def test_prepare_names_the_field_that_is_wrong(desk: Desk, registrant: Registrant, field: str) -> None:
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.prepare(registrant, "shopfoo.com")
    assert (refusal.value.reason, list(refusal.value.fields)) == ("invalid", [field])


async def test_endings_that_ask_for_more_are_unsupported(desk: Desk) -> None:
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.prepare(ADA, "shopfoo.us")
    assert refusal.value.reason == "unsupported"
    assert await desk.seen("call") == []


@pytest.mark.parametrize("name", ["shopfoo.com", "shopfoo.de", "shopfoo.eu", "shopfoo.at", "shopfoo.co"])
async def test_register_is_active_paid_once_and_ends_in_a_year(desk: Desk, name: str) -> None:
    registration = await desk.registrar.register(await desk.order(name))
    now = datetime.now(UTC).date()
    assert (registration.state, registration.nameservers) == ("active", NAMESERVERS)
    assert registration.expires_on is not None
    assert timedelta(days=364) <= registration.expires_on - now <= timedelta(days=367)
    assert await desk.registrar.find(name) == registration
    assert await desk.charges() == [name]


async def test_a_unicode_name_goes_out_in_a_labels(desk: Desk) -> None:
    await desk.registrar.register(await desk.order("straße.com"))
    assert await desk.charges() == ["xn--strae-oqa.com"]


async def test_register_asks_only_once_even_when_the_end_cannot_be_read(desk: Desk) -> None:
    order = await desk.order()
    await desk.strike("html", "details-by-name")
    registration = await desk.registrar.register(order)
    assert (registration.state, registration.expires_on, registration.customer_ref) == ("active", None, order.handles.customer_ref)


async def test_missing_fields_are_no_crash(desk: Desk) -> None:
    await desk.registrar.register(await desk.order())
    await desk.vendor("faults", kind="sparse", pattern="details-by-name")
    sparse = await desk.registrar.find("shopfoo.com")
    assert sparse is not None
    assert (sparse.state, sparse.expires_on, sparse.nameservers) == ("pending", None, ())


@pytest.mark.parametrize("name", ["takenfoo.com", "refusedfoo.com"])
async def test_taken_is_final_and_free(desk: Desk, name: str) -> None:
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.register(await desk.order(name))
    assert refusal.value.reason == "taken"
    assert await desk.charges() == []


async def test_taken_by_ourselves_is_not_taken_but_a_reason_to_look(desk: Desk) -> None:
    order = await desk.order()
    await desk.registrar.register(order)
    with pytest.raises(VendorUnknown) as doubt:
        await desk.registrar.register(order)
    assert doubt.value.reason == "already_ours"
    found = await desk.registrar.find("shopfoo.com")
    assert found is not None
    assert found.customer_ref == order.handles.customer_ref
    assert await desk.charges() == ["shopfoo.com"]


async def test_taken_that_cannot_be_confirmed_is_unknown(desk: Desk) -> None:
    order = await desk.order("takenfoo.com")
    await desk.strike("html", "details-by-name")
    with pytest.raises(VendorUnknown) as doubt:
        await desk.registrar.register(order)
    assert doubt.value.reason == "unconfirmed"


async def test_a_premium_name_is_never_bought_at_an_ordinary_price(desk: Desk) -> None:
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.register(await desk.order("premiumfoo.com"))
    assert refusal.value.reason == "premium"


@pytest.mark.parametrize(("servers", "field"), [(("ns1.host.test",), "nameservers"), (("ns1.host.test", "bad_"), "nameservers")])
async def test_bad_nameservers_are_named(desk: Desk, servers: tuple[str, ...], field: str) -> None:
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.register(replace(await desk.order(), nameservers=servers))
    assert (refusal.value.reason, list(refusal.value.fields)) == ("invalid", [field])


async def test_a_foreign_contact_is_invalid(desk: Desk) -> None:
    order = replace(await desk.order(), handles=Handles((await desk.order()).handles.customer_ref, "1"))
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.register(order)
    assert refusal.value.reason == "invalid"
    assert "registrantcontactid" in refusal.value.fields


async def test_without_money_the_order_waits_and_a_top_up_completes_it(desk: Desk) -> None:
    order = await desk.order()
    await desk.vendor("balance", set="5.00")
    with pytest.raises(NoFunds) as poverty:
        await desk.registrar.register(order)
    waiting = await desk.registrar.find("shopfoo.com")
    assert waiting is not None
    assert (waiting.state, waiting.waiting_for_funds, waiting.registrar_ref) == ("pending", True, poverty.value.order_ref)
    with pytest.raises(VendorUnknown):
        await desk.registrar.register(order)
    await desk.vendor("balance", top_up="50.00")
    done = await desk.registrar.find("shopfoo.com")
    assert done is not None
    assert (done.state, done.waiting_for_funds, done.registrar_ref) == ("active", False, poverty.value.order_ref)
    assert await desk.charges() == ["shopfoo.com"]


async def test_a_queued_registration_is_pending_until_the_registry_answers(desk: Desk) -> None:
    queued = await desk.registrar.register(await desk.order("pendingfoo.com"))
    assert (queued.state, queued.expires_on) == ("pending", None)
    assert await desk.registrar.balance() == Money.parse("87.11", "USD")
    await desk.seconds_pass(61)
    done = await desk.registrar.find("pendingfoo.com")
    assert done is not None
    assert (done.state, done.registrar_ref) == ("active", queued.registrar_ref)
    assert await desk.registrar.balance() == Money.parse("87.11", "USD")


async def test_a_queued_registration_that_a_rival_won_is_gone(desk: Desk) -> None:
    await desk.registrar.register(await desk.order("pendingfoo.com"))
    await desk.vendor("take", name="pendingfoo.com")
    assert await desk.registrar.find("pendingfoo.com") is None
    assert await desk.charges() == []


async def test_throttled_was_not_done_and_later_succeeds(desk: Desk) -> None:
    order = await desk.order()
    await desk.strike("throttled")
    with pytest.raises(VendorUnavailable) as later:
        await desk.registrar.register(order)
    assert later.value.reason == "throttled"
    assert await desk.charges() == []
    assert (await desk.registrar.register(order)).state == "active"


async def test_busy_was_not_done(desk: Desk) -> None:
    order = await desk.order()
    await desk.vendor("faults", kind="busy", pattern=REGISTER)
    with pytest.raises(VendorUnavailable) as later:
        await desk.registrar.register(order)
    assert later.value.reason == "busy"
    assert await desk.charges() == []


@pytest.mark.parametrize("kind", ["whitelist", "html_403"])
async def test_an_address_that_is_not_listed_is_refused(desk: Desk, kind: str) -> None:
    order = await desk.order()
    if kind == "whitelist":
        await desk.vendor("whitelist", enforced=True, addresses=["192.0.2.1"])
    else:
        await desk.vendor("faults", kind=kind, pattern=REGISTER)
    with pytest.raises(VendorRejected) as refusal:
        await desk.registrar.register(order)
    assert refusal.value.reason == "not_allowed"
    assert await desk.charges() == []


async def test_wrong_keys_are_a_matter_for_the_owner(desk: Desk) -> None:
    async with httpx.AsyncClient() as client:
        stranger = ResellerClub(client, base_url=f"{desk.base_url}/api", user_id="4711", api_key="guess", currency="USD")
        with pytest.raises(VendorRejected) as refusal:
            await stranger.balance()
    assert refusal.value.reason == "auth_failed"
    assert "guess" not in str(refusal.value)


@pytest.mark.parametrize("effect", ["lost_after", "error_after"])
async def test_an_answer_lost_after_the_deed_is_unknown_and_the_look_finds_it(desk: Desk, effect: str) -> None:
    order = await desk.order()
    await desk.strike(effect)
    with pytest.raises(VendorUnknown):
        await desk.registrar.register(order)
    found = await desk.registrar.find("shopfoo.com")
    assert found is not None
    assert found.state == "active"
    assert await desk.charges() == ["shopfoo.com"]


@pytest.mark.parametrize("kind", ["empty_after", "truncated_after"])
async def test_an_answer_that_cannot_be_read_is_unknown(desk: Desk, kind: str) -> None:
    order = await desk.order()
    await desk.vendor("faults", kind=kind, pattern=REGISTER)
    with pytest.raises(VendorUnknown) as doubt:
        await desk.registrar.register(order)
    assert doubt.value.reason == "unparsable"
    assert await desk.charges() == ["shopfoo.com"]


@pytest.mark.parametrize("effect", ["lost_before", "error_before", "html", "hang"])
async def test_no_clear_answer_to_a_charge_is_unknown_and_the_look_finds_nothing(desk: Desk, effect: str) -> None:
    order = await desk.order()
    await desk.strike(effect, seconds=0.1)
    with pytest.raises(VendorUnknown):
        await desk.registrar.register(order)
    assert await desk.registrar.find("shopfoo.com") is None
    assert (await desk.registrar.register(order)).state == "active"
    assert await desk.charges() == ["shopfoo.com"]


@pytest.mark.parametrize("kind", ["error_lower", "failed_200"])
async def test_words_never_heard_before_are_unknown_on_a_charge(desk: Desk, kind: str) -> None:
    order = await desk.order()
    await desk.vendor("faults", kind=kind, pattern=REGISTER)
    with pytest.raises(VendorUnknown) as doubt:
        await desk.registrar.register(order)
    assert doubt.value.reason == "unclassified"
    assert doubt.value.detail


@pytest.mark.parametrize("effect", ["lost_before", "error_before", "html", "throttled"])
async def test_a_read_without_an_answer_is_only_unavailable(desk: Desk, effect: str) -> None:
    await desk.strike(effect, "details-by-name")
    with pytest.raises(VendorUnavailable):
        await desk.registrar.find("shopfoo.com")


async def test_a_vendor_that_is_down_was_not_reached() -> None:
    async with httpx.AsyncClient() as client:
        nobody = ResellerClub(client, base_url="http://127.0.0.1:1/api", user_id="4711", api_key="sesame", currency="USD")
        with pytest.raises(VendorUnavailable) as later:
            await nobody.register(RegisterDomain("shopfoo.com", 1, NAMESERVERS, ADA, Handles("1", "2")))
    assert later.value.reason == "unreachable"


async def test_keys_of_writes_travel_in_the_body(desk: Desk) -> None:
    sent: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        sent.append(request)

    async with httpx.AsyncClient(event_hooks={"request": [note]}) as client:
        registrar = ResellerClub(client, base_url=f"{desk.base_url}/api", user_id="4711", api_key="sesame", currency="USD")
        await registrar.register(await desk.order())
    charge = next(request for request in sent if request.method == "POST")
    assert charge.url.query == b""
    assert b"api-key=sesame" in charge.content


async def test_an_order_that_the_registry_refused_is_failed(desk: Desk) -> None:
    """The vendor keeps such an order, inactive, with the words of its last action."""
    handles = await desk.registrar.prepare(ADA, "takenfoo.com")
    form = {"auth-userid": "4711", "api-key": "sesame", "domain-name": "takenfoo.com", "auth-code": "bad", "customer-id": handles.customer_ref}
    roles = {f"{role}-contact-id": handles.contact_ref for role in ("reg", "admin", "tech", "billing")}
    await desk.control.post("/api/domains/transfer.json", data={**form, **roles, "invoice-option": "NoInvoice", "auto-renew": "false"})
    await desk.vendor("settle", now=True)
    failed = await desk.registrar.find("takenfoo.com")
    assert failed is not None
    assert (failed.state, failed.detail) == ("failed", "Failed Transfer of takenfoo.com failed")
    assert await desk.charges() == []


async def test_two_at_once_make_one_registration(desk: Desk) -> None:
    order = await desk.order()
    outcomes = await asyncio.gather(*(desk.registrar.register(order) for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Registration", "VendorUnknown", "VendorUnknown", "VendorUnknown"]
    assert await desk.charges() == ["shopfoo.com"]


async def test_a_lapsed_name_is_told_apart(desk: Desk) -> None:
    await desk.registrar.register(await desk.order())
    await desk.seconds_pass((365 + 45) * 86_400)
    lapsed = await desk.registrar.find("shopfoo.com")
    assert lapsed is not None
    assert lapsed.state == "lapsed"
