"""The wire of the ResellerClub simulator, quirk by quirk, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from nextbill_simulators.resellerclub.app import create_app

KEYS = {"auth-userid": "4711", "api-key": "sesame"}
PERSON = {
    "name": "Ada Byron",
    "company": "N/A",
    "address-line-1": "12 Square",
    "city": "London",
    "state": "Not Applicable",
    "country": "GB",
    "zipcode": "W1 1AA",
    "phone-cc": "44",
    "phone": "2071838750",
}
CONTROL = "/_sim/resellerclub"


class Reseller:
    """A client as thin as the wire: no interpretation."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, method: str, **parameters: Any) -> httpx.Response:
        return await self.client.get(f"/api/{method}.json", params=KEYS | _dashed(parameters))

    async def post(self, method: str, **parameters: Any) -> httpx.Response:
        return await self.client.post(f"/api/{method}.json", data=KEYS | _dashed(parameters))

    async def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await (self.client.get(f"{CONTROL}/{path}") if body is None else self.client.post(f"{CONTROL}/{path}", json=body))
        answer.raise_for_status()
        return answer.json()

    async def days_pass(self, days: float) -> None:
        await self.client.post("/_sim/clock", json={"advance_seconds": days * 86_400})

    async def customer(self, email: str = "ada@example.test") -> str:
        signed = await self.client.post(
            "/api/customers/v2/signup.json", data=KEYS | PERSON | {"username": email, "passwd": "Secret!234", "lang-pref": "en"}
        )
        return signed.text

    async def contact(self, customer: str, kind: str = "Contact") -> str:
        added = await self.client.post(
            "/api/contacts/add.json", data=KEYS | PERSON | {"customer-id": customer, "type": kind, "email": "ada@example.test"}
        )
        return added.text

    async def register(self, name: str, **changes: Any) -> httpx.Response:
        found = await self.get("customers/details", username="ada@example.test")
        customer = found.json()["customerid"] if found.status_code == 200 else await self.customer()
        contact = await self.contact(customer)
        roles = {f"{role}_contact_id": contact for role in ("reg", "admin", "tech", "billing")}
        rest = {"customer_id": customer, "years": 1, "ns": ["ns1.host.test", "ns2.host.test"], "invoice_option": "NoInvoice", "auto_renew": "false"}
        return await self.post("domains/register", domain_name=name, **{**roles, **rest, **changes})

    async def details(self, name: str) -> dict[str, Any]:
        return dict((await self.get("domains/details-by-name", domain_name=name, options="All")).json())


def _dashed(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in parameters.items()}


def _refused(answer: httpx.Response) -> str:
    assert answer.status_code == 500
    assert answer.json()["status"] == "ERROR"
    return str(answer.json()["message"])


@pytest.fixture
async def reseller(serve: Any, world: Any) -> AsyncIterator[Reseller]:
    app = create_app(world("resellerclub", user_id="4711", api_key="sesame", balance="100.00"))
    async with serve(app) as base_url, httpx.AsyncClient(base_url=base_url) as client:
        yield Reseller(client)


async def test_availability_knows_ours_theirs_free_unknown_and_leaves_pairs_out(reseller: Reseller) -> None:
    await reseller.register("mine.com")
    answer = await reseller.get("domains/available", domain_name=["mine", "takenname", "free", "unknownname", "absentname"], tlds=["com", "zzz"])
    assert {name: entry["status"] for name, entry in answer.json().items()} == {
        "mine.com": "regthroughus",
        "takenname.com": "regthroughothers",
        "free.com": "available",
        "unknownname.com": "unknown",
    }
    assert answer.json()["free.com"]["classkey"] == "domcno"


async def test_a_premium_name_carries_its_price_and_is_not_sold_by_accident(reseller: Reseller) -> None:
    answer = await reseller.get("domains/available", domain_name="premiumname", tlds="com")
    assert answer.json()["premiumname.com"]["costHash"]["create"] == "1850.00"
    assert _refused(await reseller.register("premiumname.com")) == "Not Signed up for Premium Domains"


async def test_unicode_in_a_labels_out(reseller: Reseller) -> None:
    answer = await reseller.get("domains/available", domain_name="Straße", tlds="com")
    assert list(answer.json()) == ["xn--strae-oqa.com"]


async def test_register_charges_once_and_everything_is_a_string(reseller: Reseller) -> None:
    receipt = (await reseller.register("shopfoo.com")).json()
    assert (receipt["status"], receipt["actionstatus"], receipt["actiontype"]) == ("Success", "Success", "AddNewDomain")
    assert "sellingamount" not in receipt
    details = await reseller.details("shopfoo.com")
    assert details["orderid"] == receipt["entityid"]
    assert details["currentstatus"] == "Active"
    assert details["ns2"] == "ns2.host.test"
    assert int(details["endtime"]) - int(details["creationtime"]) >= 365 * 86_400
    assert (await reseller.get("domains/orderid", domain_name="shopfoo.com")).json() == int(receipt["entityid"])
    (summary,) = await reseller.control("domains")
    assert (summary["name"], summary["registrations"], summary["charges"]) == (
        "shopfoo.com",
        1,
        [{"kind": "AddNewDomain", "amount": "12.89", "currency": "USD"}],
    )
    assert (await reseller.control("balance"))["balance"] == "87.11"


async def test_an_invoice_option_brings_negative_amounts(reseller: Reseller) -> None:
    receipt = (await reseller.register("shopfoo.com", invoice_option="KeepInvoice", years=2)).json()
    assert receipt["sellingamount"] == "-25.780"


@pytest.mark.parametrize("name", ["takenname.com", "refusedname.com", "twice.com"])
async def test_register_has_no_idempotency(reseller: Reseller, name: str) -> None:
    await reseller.register("twice.com")
    assert _refused(await reseller.register(name)) == f"Domain {name} already registered"
    assert len(await reseller.control("charges")) == 1


async def test_a_name_can_be_taken_between_check_and_register(reseller: Reseller) -> None:
    await reseller.control("take", {"name": "race.com"})
    assert _refused(await reseller.register("race.com")) == "Domain race.com already registered"


async def test_a_queued_registration_completes_on_the_clock(reseller: Reseller) -> None:
    receipt = (await reseller.register("pendingname.com")).json()
    assert (receipt["status"], receipt["actionstatus"]) == ("Success", "PendingExecution")
    waiting = await reseller.details("pendingname.com")
    assert (waiting["currentstatus"], waiting["actiontype"]) == ("InActive", "AddNewDomain")
    assert "endtime" not in waiting
    assert (await reseller.control("balance"))["locked"] == "12.89"
    assert _refused(await reseller.register("pendingname.com")) == "There is already a pending action on this domain"
    await reseller.days_pass(61 / 86_400)
    done = await reseller.details("pendingname.com")
    assert done["currentstatus"] == "Active"
    assert "actiontype" not in done
    assert len(await reseller.control("charges")) == 1


async def test_a_pending_registration_can_be_settled_or_lost(reseller: Reseller) -> None:
    await reseller.register("pendingone.com")
    await reseller.register("pendingtwo.com")
    await reseller.control("take", {"name": "pendingone.com"})
    summaries = {row["name"]: row for row in await reseller.control("settle", {})}
    assert (summaries["pendingone.com"]["live"], summaries["pendingone.com"]["charges"]) == (False, [])
    assert summaries["pendingtwo.com"]["status"] == "Active"


async def test_without_money_the_order_locks_and_a_top_up_completes_it(reseller: Reseller) -> None:
    await reseller.control("balance", {"set": "3.00"})
    answer = await reseller.register("poor.com")
    assert (answer.status_code, answer.json()["status"]) == (200, "Failed")
    assert "Order Locked In Processing" in answer.json()["actionstatusdesc"]
    assert (await reseller.details("poor.com"))["currentstatus"] == "InActive"
    assert await reseller.control("charges") == []
    await reseller.control("balance", {"top_up": "20.00"})
    assert (await reseller.details("poor.com"))["currentstatus"] == "Active"
    assert (await reseller.control("balance"))["balance"] == "10.11"
    assert len(await reseller.control("charges")) == 1


async def test_every_ending_wants_its_own_contact_type_and_roles(reseller: Reseller) -> None:
    customer = await reseller.customer()
    message = _refused(await reseller.register("shopfoo.eu"))
    assert message.startswith("{registrantcontactid=registrantcontactid is invalid, admincontactid=")
    owner = await reseller.contact(customer, "EuContact")
    roles = {"reg_contact_id": owner, "admin_contact_id": -1, "tech_contact_id": -1, "billing_contact_id": -1}
    assert (await reseller.register("shopfoo.eu", **roles)).json()["status"] == "Success"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ns": ["ns1.host.test"]}, "{ns=at least two nameservers are required}"),
        ({"ns": ["ns1.host.test", "-bad-"]}, "-bad- is not a valid Nameserver"),
        ({"years": 11}, "{years=years is invalid}"),
        ({"customer_id": "1"}, "Invalid customer-id"),
        ({"auto_renew": ""}, "Required parameter missing: auto-renew"),
    ],
)
async def test_a_bad_order_is_refused_and_free(reseller: Reseller, changes: dict[str, Any], message: str) -> None:
    assert _refused(await reseller.register("shopfoo.com", **changes)) == message
    assert await reseller.control("domains") == []


async def test_customers_are_unique_by_email_and_found_by_it(reseller: Reseller) -> None:
    assert _refused(await reseller.get("customers/details", username="ada@example.test")) == "Customer ada@example.test not found"
    number = await reseller.customer()
    assert number.isdigit()
    found = (await reseller.get("customers/details", username="Ada@Example.test")).json()
    assert (found["customerid"], found["telnocc"]) == (number, "44")
    assert "already a customer" in await reseller.customer()


async def test_contacts_are_not_unique_but_can_be_searched(reseller: Reseller) -> None:
    customer = await reseller.customer()
    twins = [await reseller.contact(customer), await reseller.contact(customer)]
    found = (await reseller.get("contacts/search", customer_id=customer, no_of_records=10, page_no=1, email="ada@example.test")).json()
    assert (found["recsindb"], [row["contact.contactid"] for row in found["result"]]) == ("2", twins)
    assert _refused(await reseller.post("contacts/modify", contact_id=twins[0])).startswith("Contact modification is not allowed")


async def test_renew_is_guarded_by_the_old_end(reseller: Reseller) -> None:
    order = (await reseller.register("shopfoo.com")).json()["entityid"]
    old_end = (await reseller.details("shopfoo.com"))["endtime"]
    request = {"order_id": order, "years": 1, "exp_date": old_end, "auto_renew": "false", "invoice_option": "NoInvoice"}
    assert (await reseller.post("domains/renew", **request)).json()["status"] == "Success"
    assert _refused(await reseller.post("domains/renew", **request)) == "Domain already renewed."
    assert [entry["kind"] for entry in await reseller.control("charges")] == ["AddNewDomain", "RenewDomain"]
    new_end = (await reseller.details("shopfoo.com"))["endtime"]
    assert "beyond 10 years" in _refused(await reseller.post("domains/renew", **(request | {"exp_date": new_end, "years": 9})))


async def test_transfer_in_takes_five_days_and_adds_a_year(reseller: Reseller) -> None:
    assert (await reseller.get("domains/validate-transfer", domain_name="takenname.com")).json() is True
    customer = await reseller.customer()
    contact = await reseller.contact(customer)
    roles = {f"{role}_contact_id": contact for role in ("reg", "admin", "tech", "billing")}
    order = {"customer_id": customer, "invoice_option": "NoInvoice", "auto_renew": "false", "auth_code": "right", **roles}
    assert "currently available" in _refused(await reseller.post("domains/transfer", domain_name="free.com", **order))
    assert (await reseller.post("domains/transfer", domain_name="takenname.com", **order)).json()["actionstatus"] == "PendingExecution"
    await reseller.post("domains/transfer", domain_name="takenother.com", **(order | {"auth_code": "bad"}))
    await reseller.days_pass(5.1)
    done, failed = await reseller.details("takenname.com"), await reseller.details("takenother.com")
    assert (done["currentstatus"], failed["currentstatus"], failed["actionstatus"]) == ("Active", "InActive", "Failed")
    assert len(await reseller.control("charges")) == 1


async def test_changes_that_cost_nothing(reseller: Reseller) -> None:
    order = (await reseller.register("shopfoo.com")).json()["entityid"]
    servers = ["ns1.other.test", "ns2.other.test", "ns3.other.test"]
    assert (await reseller.post("domains/modify-ns", order_id=order, ns=servers)).json()["actiontype"] == "ModNS"
    assert _refused(await reseller.post("domains/modify-ns", order_id=order, ns=servers)) == "Same value for new and old NameServers"
    await reseller.post("domains/enable-theft-protection", order_id=order)
    assert (await reseller.get("domains/locks", order_id=order)).json() == {"transferlock": True}
    assert "unlock" in _refused(await reseller.post("domains/delete", order_id=order))
    await reseller.post("domains/disable-theft-protection", order_id=order)
    assert (await reseller.get("domains/locks", order_id=order)).json() == {}
    await reseller.post("domains/modify-auth-code", order_id=order, auth_code="N3w!code")
    privacy = {"order_id": order, "protect_privacy": "true", "reason": "asked"}
    assert _refused(await reseller.post("domains/modify-privacy-protection", **privacy)) == "Privacy Protection not Purchased"
    await reseller.post("domains/purchase-privacy", order_id=order, invoice_option="NoInvoice")
    details = await reseller.details("shopfoo.com")
    assert (details["noOfNameServers"], details["domsecret"], details["isprivacyprotected"]) == ("3", "N3w!code", "true")


async def test_a_name_ages_from_grace_to_redemption_to_free(reseller: Reseller) -> None:
    await reseller.control("balance", {"top_up": "200.00"})
    order = (await reseller.register("old.com")).json()["entityid"]
    await reseller.days_pass(365 + 41)
    assert (await reseller.details("old.com"))["currentstatus"] == "Pending Delete Restorable"
    assert (await reseller.post("domains/restore", order_id=order, invoice_option="NoInvoice")).json()["actiontype"] == "RestoreDomain"
    assert (await reseller.details("old.com"))["currentstatus"] == "Active"
    await reseller.days_pass(800)
    assert _refused(await reseller.get("domains/orderid", domain_name="old.com")) == "Website doesn't exist for old.com"


async def test_prices_lie_below_retail_and_among_junk(reseller: Reseller) -> None:
    cost = (await reseller.get("products/reseller-cost-price")).json()
    assert cost["domcno"]["addnewdomain"]["1"] == "12.89"
    assert "addnewdomain" not in cost["hosting"]
    retail = (await reseller.get("products/customer-price")).json()
    assert retail["domcno"]["addnewdomain"]["1"] == "14.44"


async def test_searches_number_their_rows(reseller: Reseller) -> None:
    await reseller.register("one.com")
    await reseller.register("pendingtwo.com")
    found = (await reseller.get("domains/search", no_of_records=10, page_no=1)).json()
    assert (found["recsindb"], found["1"]["entity.description"], found["2"]["entity.currentstatus"]) == ("2", "one.com", "InActive")
    current = (await reseller.get("actions/search-current", no_of_records=10, page_no=1)).json()
    archived = (await reseller.get("actions/search-archived", no_of_records=10, page_no=1)).json()
    assert (current["1"]["actionstatus"], archived["1"]["actionstatus"]) == ("PendingExecution", "Success")


async def test_suggestions_leave_out_what_is_taken(reseller: Reseller) -> None:
    await reseller.register("shopfoo.com")
    found = (await reseller.get("domains/v5/suggest-names", keyword="shopfoo", tld_only=["com", "net"])).json()
    assert "shopfoo.com" not in found
    assert found["shopfoo.net"]["status"] == "available"


async def test_keys_whitelist_and_verbs_are_enforced(reseller: Reseller) -> None:
    wrong = await reseller.client.get("/api/domains/orderid.json", params=KEYS | {"api-key": "guess", "domain-name": "a.com"})
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Authentication failure")
    assert (await reseller.get("domains/register")).status_code == 405
    assert (await reseller.post("domains/orderid")).status_code == 405
    assert (await reseller.get("domains/nonsense")).status_code == 404
    await reseller.control("whitelist", {"enforced": True, "addresses": ["192.0.2.1"]})
    outside = await reseller.get("domains/orderid", domain_name="a.com")
    assert (outside.status_code, outside.text, outside.headers["content-type"][:10]) == (403, "error code: 1020", "text/plain")
    await reseller.control("whitelist", {"enforced": True, "addresses": ["127.0.0.1"]})
    assert (await reseller.get("domains/orderid", domain_name="a.com")).status_code == 500


async def test_parameters_of_a_write_may_come_in_the_query(reseller: Reseller) -> None:
    answer = await reseller.client.post("/api/contacts/delete.json", params=KEYS | {"contact-id": "9"})
    assert _refused(answer) == "Invalid contact-id"


async def test_the_four_shapes_of_an_error(reseller: Reseller) -> None:
    seen = []
    for kind in ("busy", "error_lower", "failed_200", "html_403"):
        await reseller.control("faults", {"kind": kind, "pattern": "GET /api/domains/orderid"})
        answer = await reseller.get("domains/orderid", domain_name="a.com")
        seen.append((answer.status_code, answer.headers["content-type"].partition(";")[0], answer.text[:22]))
    assert seen == [
        (500, "application/json", '{"status":"ERROR","mes'),
        (500, "application/json", '{"status":"error","err'),
        (200, "application/json", '{"status":"Failed","ac'),
        (403, "text/html", "<html><head><title>Acc"),
    ]
    assert "Website doesn't exist" in _refused(await reseller.get("domains/orderid", domain_name="a.com"))


async def test_faults_that_act_and_spoil_the_answer(reseller: Reseller) -> None:
    await reseller.customer()
    await reseller.control("faults", {"kind": "empty_after", "pattern": "domains/register"})
    assert (await reseller.register("one.com")).content == b""
    await reseller.control("faults", {"kind": "truncated_after", "pattern": "domains/register"})
    assert not (await reseller.register("two.com")).text.endswith("}")
    await reseller.control("faults", {"kind": "order_locked", "pattern": "domains/register"})
    assert "Order Locked" in (await reseller.register("three.com")).json()["actionstatusdesc"]
    assert [row["name"] for row in await reseller.control("domains") if row["charges"]] == ["one.com", "two.com"]
    await reseller.control("balance", {"top_up": "1.00"})
    assert len(await reseller.control("charges")) == 3


async def test_what_it_knows_survives_a_restart(serve: Any, world: Any) -> None:
    for _ in range(2):
        async with serve(create_app(world("resellerclub"))) as base_url, httpx.AsyncClient(base_url=base_url) as client:
            reseller = Reseller(client)
            await reseller.register("shopfoo.com")
            charges = await reseller.control("charges")
    assert len(charges) == 1
