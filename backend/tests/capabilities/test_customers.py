"""Customers: registering, profile, address, what a registrar needs, and the wall between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from nextbill.capabilities import customers
from nextbill.runtime.database import Role
from tests.capabilities.identity_desk import PASSWORD, Desk, code, open_desk

ADDRESS = {"line_1": "1 Market Street", "city": "San Francisco", "state": "California", "postal_code": "94105", "country": "us"}


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn) as opened:
        yield opened


def _fields(answer: Any) -> list[str]:
    return [item["field"] for item in answer.json()["fields"]]


async def test_a_customer_registers_and_logs_in_at_once(desk: Desk) -> None:
    answer = await desk.register(phone="+1 415 555 0123", company=" ", address=ADDRESS, locale="pt-BR")
    assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    found = (await desk.send("GET", "/customers/me", token=(await desk.log_in())["access_token"])).json()
    assert found.pop("id")
    assert found == {
        "number": "CUS-000001",
        "name": "Ada Lovelace",
        "company": None,
        "email": "ada@example.com",
        "email_verified": False,
        "phone": "+14155550123",
        "status": "consumer",
        "tax_id": None,
        "invoice_email": None,
        "buyer_reference": None,
        "address": {"line_1": "1 Market Street", "line_2": "", "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US"},
        "locale": "pt-BR",
        "created_at": "2030-03-01T12:00:00Z",
    }


async def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(desk: Desk) -> None:
    first = await desk.register()
    second = await desk.post("/auth/register", {"email": "ADA@example.com", "password": "somebody else's words", "name": "Eve"})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert (await desk.facts())[-1] == "identity.RegistrationRepeated"
    assert len(await desk.rows("select 1 from customers_customer")) == 1
    assert code(await desk.post("/auth/login", {"email": "ada@example.com", "password": "somebody else's words"})) == "bad_credentials"
    assert await desk.log_in()


async def test_many_registrations_of_one_address_make_one_customer(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.register(name=f"Ada {n}") for n in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await desk.rows("select 1 from customers_customer")) == len(await desk.rows("select 1 from identity_login")) == 1
    assert (await desk.facts()).count("identity.RegistrationRepeated") == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@nowhere"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "A\x00da"}, "name"),
        ({"name": None}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "ada@example.com"}, "password"),
        ({"phone": "555"}, "phone"),
        ({"locale": "xx-nowhere"}, "locale"),
        ({"status": "king"}, "status"),
        ({"tax_id": "DE136695976"}, "tax_id"),
        ({"address": {**ADDRESS, "state": ""}}, "state"),
        ({"address": {**ADDRESS, "country": "XX"}}, "country"),
        ({"role": "admin"}, "role"),
        ({"customer_id": "01900000-0000-7000-8000-000000000000"}, "customer_id"),
    ],
)
async def test_bad_registrations_are_refused_by_field_and_leave_nothing(desk: Desk, change: dict[str, Any], field: str) -> None:
    answer = await desk.register(**{"email": "ada@example.com", **change}) if "email" not in change else await desk.register(change["email"])
    assert answer.status_code == 422, answer.text
    assert _fields(answer) == [field]
    for table in ("customers_customer", "identity_login", "identity_throttle", "runtime_event"):
        assert await desk.rows(f"select 1 from {table}") == []


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe\x00", b'"x"', b"null", b'{"email": "\\ud800@example.com", "password": "\\ud800", "name": "\\ud800"}']
)
async def test_junk_is_refused(desk: Desk, body: bytes) -> None:
    for path in ("register", "login"):
        answer = await desk.client.post(f"/api/v1/auth/{path}", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_registering_is_throttled_by_account(desk: Desk) -> None:
    answers = [await desk.register() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_the_profile_changes_field_by_field(desk: Desk) -> None:
    token = await desk.customer(phone="+14155550123", address=ADDRESS)
    changed = (await desk.send("PATCH", "/customers/me", {"name": "Ada King", "company": "Engines Ltd"}, token=token)).json()
    assert (changed["name"], changed["company"], changed["phone"]) == ("Ada King", "Engines Ltd", "+14155550123")
    local = (await desk.send("PATCH", "/customers/me", {"phone": "(212) 555-0123", "company": None}, token=token)).json()
    assert (local["phone"], local["company"], local["name"]) == ("+12125550123", None, "Ada King")
    assert (await desk.send("PATCH", "/customers/me", {}, token=token)).json() == local


async def test_only_a_business_has_a_tax_id(desk: Desk) -> None:
    token = await desk.customer()
    refused = await desk.send("PATCH", "/customers/me", {"tax_id": "DE136695976"}, token=token)
    assert (refused.status_code, _fields(refused)) == (422, ["tax_id"])
    berlin = {"line_1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
    await desk.send("PUT", "/customers/me/address", berlin, token=token)
    found = (await desk.send("PATCH", "/customers/me", {"status": "business", "tax_id": "de 136 695 976"}, token=token)).json()
    assert (found["status"], found["tax_id"]) == ("business", "DE136695976")
    wrong = await desk.send("PATCH", "/customers/me", {"tax_id": "DE136695977"}, token=token)
    assert _fields(wrong) == ["tax_id"]
    moved = await desk.send("PUT", "/customers/me/address", {**berlin, "country": "AU", "state": "NSW", "postal_code": "2000"}, token=token)
    assert _fields(moved) == ["tax_id"]
    assert (await desk.send("PATCH", "/customers/me", {"status": "consumer"}, token=token)).json()["tax_id"] is None


@pytest.mark.parametrize(
    "body", [{"name": None}, {"name": " "}, {"email": "eve@example.com"}, {"number": "CUS-1"}, {"status": None}, {"company": "a\nb"}]
)
async def test_bad_changes_change_nothing(desk: Desk, body: dict[str, Any]) -> None:
    token = await desk.customer()
    before = (await desk.send("GET", "/customers/me", token=token)).json()
    answer = await desk.send("PATCH", "/customers/me", body, token=token)
    assert (answer.status_code, _fields(answer)) == (422, list(body))
    assert (await desk.send("GET", "/customers/me", token=token)).json() == before


async def test_what_a_registrar_needs_is_asked_by_name(desk: Desk) -> None:
    token = await desk.customer()
    customer_id = (await desk.send("GET", "/customers/me", token=token)).json()["id"]

    async def contact() -> customers.RegistrantContact:
        async with desk.database.writing(Role.APP, customer_id=customer_id) as tx:
            return await customers.contact_for_registrar(tx, customer_id)

    with pytest.raises(customers.IncompleteContact) as refusal:
        await contact()
    assert set(refusal.value.fields) == {"phone", "address.line_1", "address.city", "address.country", "address.postal_code"}
    assert refusal.value.status == 422
    await desk.send("PUT", "/customers/me/address", ADDRESS, token=token)
    with pytest.raises(customers.IncompleteContact) as refusal:
        await contact()
    assert set(refusal.value.fields) == {"phone"}
    await desk.send("PATCH", "/customers/me", {"phone": "415 555 0123"}, token=token)
    assert await contact() == customers.RegistrantContact(
        "Ada Lovelace", "", "ada@example.com", "+14155550123", "1 Market Street", "", "San Francisco", "CA", "94105", "US"
    )


@pytest.mark.parametrize("table", ["customers_customer", "identity_login", "identity_audit"])
async def test_row_level_security_by_direct_sql(desk: Desk, table: str) -> None:
    """Another customer's rows, and nobody's, do not exist for the role of customers' requests."""
    ada = (await desk.send("GET", "/customers/me", token=await desk.customer())).json()["id"]
    bob = (await desk.send("GET", "/customers/me", token=await desk.customer("bob@example.com"))).json()["id"]
    await desk.staff()
    column = "id" if table == "customers_customer" else "customer_id"
    reads = table != "identity_audit"
    for caller in (ada, bob, None):
        async with desk.database.writing(Role.APP, customer_id=caller) as tx:
            if reads:
                seen = (await tx.execute(text(f"select {column}::text from {table}"))).scalars().all()
                assert seen == ([caller] if caller else [])
        for statement in (f"update {table} set {column} = '{ada}'", f"delete from {table}"):
            if statement.startswith("update") and table == "customers_customer" and caller in (ada, None):
                continue
            with pytest.raises(Exception, match="permission denied|row-level security|others refer to stays"):
                async with desk.database.writing(Role.APP, customer_id=caller) as tx:
                    await tx.execute(text(statement))


async def test_the_role_of_customers_requests_cannot_read_password_hashes(desk: Desk) -> None:
    ada = (await desk.send("GET", "/customers/me", token=await desk.customer())).json()["id"]
    for statement in (
        "select password_hash from identity_login",
        "select * from identity_session",
        "select * from identity_token",
        "select * from identity_panel_key",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with desk.database.reading(Role.APP, customer_id=ada) as tx:
                await tx.execute(text(statement))


async def test_no_event_or_job_carries_a_secret(desk: Desk) -> None:
    await desk.customer()
    await desk.post("/auth/password/forgot", {"email": "ada@example.com"})
    found = await desk.rows("select payload::text as body from runtime_event union all select convert_from(payload, 'utf8') from pgqueuer.pgqueuer")
    assert len(found) == 4
    assert not any(PASSWORD in row.body or "argon2" in row.body or "ada@" in row.body for row in found)
