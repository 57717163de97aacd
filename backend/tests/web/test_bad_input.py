"""Nonsense in: a precise 4xx problem with a stable code, nothing changed, nothing 5xx."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from nextbill.runtime.database import Role
from tests.support.buyer import Buyer, cart, register

PROBLEM = "application/problem+json"


async def _counts(shop: Any) -> dict[str, int]:
    async with shop.database.reading(Role.WORK) as tx:
        names = ("orders_order", "payments_payable", "payments_attempt", "invoicing_proforma", "runtime_step", "runtime_inbox")
        return {name: (await tx.execute(text(f"select count(*) from {name}"))).scalar_one() for name in names}


def _assert_problem(answer: Any, status: int, code: str, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["code"] == code
    assert body["correlation_id"] == answer.headers["x-correlation-id"]
    if field:
        assert field in [item["field"] for item in body["fields"]], body


@pytest.fixture
async def buyer(shop) -> Buyer:
    return await register(shop)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        (
            {"items": [{"kind": "hosting", "plan": "imaginary", "cycle": {"unit": "month"}, "domain": {"kind": "own", "name": "shop.com"}}]},
            "items.0.plan",
        ),
        ({"items": [{"kind": "domain", "name": "no dots"}]}, "items.0.name"),
        ({"items": [{"kind": "domain", "name": "xn--\u0001.com"}]}, "items.0.name"),
        ({"items": [{"kind": "domain", "name": "shop.doesnotexist"}]}, "items.0.name"),
        ({"items": [{"kind": "domain", "name": "shop.com"}, {"kind": "domain", "name": "SHOP.com"}]}, "items.1.name"),
        ({"currency": "XXQ"}, "currency"),
    ],
)
async def test_a_cart_that_cannot_be_sold_names_its_field(shop, buyer: Buyer, change: dict[str, Any], field: str) -> None:
    before = await _counts(shop)
    answer = await buyer.post("/api/v1/orders", json=cart("fine.com") | change, headers={"Idempotency-Key": secrets.token_hex(8)})
    assert answer.status_code == 422, answer.text
    assert any(item["field"].startswith(field.rsplit(".", 1)[0]) for item in answer.json()["fields"]), answer.text
    assert field in [item["field"] for item in answer.json()["fields"]], answer.text
    assert await _counts(shop) == before


async def test_an_idn_is_a_name_like_any_other(shop, buyer: Buyer) -> None:
    answer = await buyer.post(
        "/api/v1/orders", json={**cart("x.com"), "items": [{"kind": "domain", "name": "bücher-laden.com"}]}, headers={"Idempotency-Key": "idn-1"}
    )
    assert answer.status_code == 201, answer.text


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(shop, buyer: Buyer) -> None:
    answer = await buyer.post("/api/v1/orders", content=b"x" * 3_000_000, headers={"content-type": "application/json"})
    _assert_problem(answer, 413, "body_too_large")


async def test_broken_json_and_binary_are_400_or_422_never_500(shop, buyer: Buyer) -> None:
    broken = await buyer.post("/api/v1/orders", content=b'{"items": [', headers={"content-type": "application/json"})
    _assert_problem(broken, 400, "malformed_json")
    binary = await buyer.post("/api/v1/orders", content=bytes(range(256)), headers={"content-type": "application/json"})
    assert binary.status_code == 400, binary.text
    not_json = await buyer.post("/api/v1/orders", content=b"a=b", headers={"content-type": "application/x-www-form-urlencoded"})
    assert 400 <= not_json.status_code < 500


@pytest.mark.parametrize("token", ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "a.b.c", "\u00e9"])
async def test_a_forged_token_opens_nothing(shop, token: str) -> None:
    answer = await shop.client.get("/api/v1/orders", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM


async def test_an_expired_token_opens_nothing(shop, buyer: Buyer) -> None:
    shop.advance(timedelta(minutes=16))
    assert (await buyer.get("/api/v1/orders")).status_code == 401


async def test_another_customers_order_does_not_exist(shop, buyer: Buyer) -> None:
    mine = (await buyer.post("/api/v1/orders", json=cart("mine.com"), headers={"Idempotency-Key": "k-mine"})).json()
    other = await register(shop)
    for path in (f"/api/v1/orders/{mine['id']}",):
        _assert_problem(await other.get(path), 404, "order_not_found")
    assert (await other.post(f"/api/v1/orders/{mine['id']}/pay", json={})).status_code == 404
    assert (await other.get("/api/v1/orders")).json()["items"] == []


async def test_a_key_with_the_same_body_answers_byte_for_byte_and_with_another_is_refused(shop, buyer: Buyer) -> None:
    first = await buyer.post("/api/v1/orders", json=cart("once.com"), headers={"Idempotency-Key": "key-1"})
    again = await buyer.post("/api/v1/orders", json=cart("once.com"), headers={"Idempotency-Key": "key-1"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await buyer.post("/api/v1/orders", json=cart("twice.com"), headers={"Idempotency-Key": "key-1"})
    _assert_problem(other, 409, "idempotency_key_reused")
    assert len((await buyer.get("/api/v1/orders")).json()["items"]) == 1


async def test_a_key_is_its_callers_own(shop, buyer: Buyer) -> None:
    other = await register(shop)
    mine = (await buyer.post("/api/v1/orders", json=cart("alpha.com"), headers={"Idempotency-Key": "shared"})).json()
    theirs = await other.post("/api/v1/orders", json=cart("beta.com"), headers={"Idempotency-Key": "shared"})
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine["id"]


async def test_unsigned_stale_and_forged_webhooks_are_refused_and_leave_nothing(shop) -> None:
    before = await _counts(shop)
    for headers in ({}, {"stripe-signature": "t=1,v1=00"}, {"stripe-signature": "nonsense"}):
        answer = await shop.client.post("/api/v1/payments/webhook", content=b'{"id":"evt_1","object":"event"}', headers=headers)
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == PROBLEM
    assert await _counts(shop) == before


async def test_unknown_routes_methods_and_ids_are_problems(shop, buyer: Buyer) -> None:
    _assert_problem(await buyer.get("/api/v1/nothing"), 404, "not_found")
    _assert_problem(await buyer.delete("/api/v1/orders"), 405, "method_not_allowed")
    _assert_problem(await buyer.get("/api/v1/orders/not-an-id"), 422, "invalid", "order_id")
    _assert_problem(await buyer.get("/api/v1/orders?cursor=!!!"), 422, "invalid", "cursor")
    _assert_problem(await buyer.get("/api/v1/orders?limit=100000"), 422, "invalid", "limit")


async def test_a_strange_signature_is_refused_and_no_secret_is_logged(shop, capfd: pytest.CaptureFixture[str]) -> None:
    for header in ("t=1,v1=\u00e9".encode("latin-1"), b"t=1,v1=00,t=2", b"t=1"):
        answer = await shop.client.post("/api/v1/payments/webhook", content=b"{}", headers={b"stripe-signature": header})
        assert answer.status_code == 400, answer.text
    assert shop.settings.stripe_webhook_secret.get_secret_value() not in capfd.readouterr().err


async def test_what_no_column_takes_is_refused_everywhere(shop, buyer: Buyer) -> None:
    assert (await shop.client.get("/api/v1/plans/%00")).status_code == 422
    spoiled = cart("fine.com")
    spoiled["items"][0]["plan"] = "a\u0000b"
    assert (await buyer.post("/api/v1/orders", json=spoiled, headers={"Idempotency-Key": "nul"})).status_code == 422
    consent = cart("fine.com")
    consent["consent"]["terms_version"] = "1\u0000"
    assert (await buyer.post("/api/v1/orders", json=consent, headers={"Idempotency-Key": "nul2"})).status_code == 422
