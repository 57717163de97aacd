"""The API answers in the language of the request: words only, never codes, states or amounts."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from nextbill.runtime import words
from tests.support.buyer import PASSWORD, cart, register
from tests.support.shop import open_shop
from tests.support.staff import staff

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def _assert_in(answer: Any, language: str) -> None:
    assert answer.headers["content-language"] == language
    assert [name.strip() for name in answer.headers["vary"].split(",")] == ["Accept-Language", "Cookie"]


async def test_a_problem_is_told_in_the_browsers_language_under_the_same_code(shop) -> None:
    english, german = await shop.client.get("/api/v1/orders"), await shop.client.get("/api/v1/orders", headers=GERMAN)
    _assert_in(english, "en")
    _assert_in(german, "de")
    assert (german.status_code, german.headers["www-authenticate"]) == (401, "Bearer")
    told = {name: german.json()[name] for name in ("code", "title", "detail")}
    assert told == {
        "code": "not_authenticated",
        "title": "Melden Sie sich zuerst an",
        "detail": "Senden Sie den Zugriffstoken als `Authorization: Bearer …`.",
    }
    assert english.json()["title"] == "Log in first"
    assert english.json().keys() == german.json().keys()


async def test_the_portals_cookie_goes_before_the_header(shop) -> None:
    answer = await shop.client.get("/api/v1/orders", headers={"Accept-Language": "en", "Cookie": "np_locale=de"})
    _assert_in(answer, "de")
    assert answer.json()["title"] == "Melden Sie sich zuerst an"


async def test_a_language_that_we_do_not_speak_is_answered_in_english(shop) -> None:
    answer = await shop.client.get("/api/v1/orders", headers={"Accept-Language": "fr, ja;q=0.5"})
    _assert_in(answer, "en")
    assert answer.json()["title"] == "Log in first"


async def test_validation_names_its_fields_in_german(shop) -> None:
    body = {"email": "nobody", "password": PASSWORD, "name": "", "status": "cat", "wings": 2}
    answer = await shop.client.post("/api/v1/auth/register", json=body, headers=GERMAN)
    assert (answer.status_code, answer.json()["code"], answer.json()["title"]) == (422, "invalid", "Einige Felder brauchen einen anderen Wert")
    assert {item["field"]: item["message"] for item in answer.json()["fields"]} == {
        "email": "keine E-Mail-Adresse",
        "name": "mindestens 1 Zeichen",
        "status": "eines davon: 'consumer' oder 'business'",
        "wings": "dieses Feld gibt es hier nicht",
    }


async def test_our_own_rules_name_their_fields_in_german(shop) -> None:
    address = {"line_1": "", "city": "Berlin", "postal_code": "1", "country": "DE"}
    body = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada", "address": address}
    answer = await shop.client.post("/api/v1/auth/register", json=body, headers=GERMAN)
    assert {item["field"]: item["message"] for item in answer.json()["fields"]} == {
        "line_1": "wird gebraucht: Straße und Hausnummer",
        "postal_code": "keine Postleitzahl dieses Landes; eine sieht so aus: 10115",
    }


async def test_a_cart_is_refused_in_german(shop) -> None:
    buyer = await register(shop)
    wrong = {"items": [{"kind": "domain", "name": "laden.doesnotexist"}]}
    answer = await buyer.post("/api/v1/orders", json=cart("fine.com") | wrong, headers=GERMAN | {"Idempotency-Key": secrets.token_hex(8)})
    assert (answer.status_code, answer.json()["code"], answer.json()["title"]) == (
        422,
        "tld_not_on_sale",
        "Namen mit dieser Endung gibt es hier nicht",
    )
    assert answer.json()["fields"] == [{"field": "items.0.name", "message": "wählen Sie eine Endung aus GET /api/v1/tlds"}]


@pytest.mark.parametrize(
    ("method", "path", "content", "code", "detail"),
    [
        ("GET", "/api/v1/nothing", None, "not_found", "Unter dieser Adresse gibt es nichts."),
        ("DELETE", "/api/v1/plans", None, "method_not_allowed", "Diese Adresse nimmt die Methode nicht an."),
        ("POST", "/api/v1/auth/login", b"{", "malformed_json", "Senden Sie ein JSON-Dokument mit Content-Type: application/json."),
        ("POST", "/api/v1/auth/login", b"x" * 3_000_000, "body_too_large", "Höchstens 1024 KiB werden angenommen."),
    ],
)
async def test_refusals_before_any_route_are_german_too(shop, method: str, path: str, content: bytes | None, code: str, detail: str) -> None:
    answer = await shop.client.request(method, path, content=content, headers=GERMAN | {"Content-Type": "application/json"})
    assert (answer.json()["code"], answer.json()["detail"]) == (code, detail)
    _assert_in(answer, "de")


async def test_a_page_is_in_the_browsers_language(shop) -> None:
    english, german = await shop.client.get("/verify-email?token=x"), await shop.client.get("/verify-email?token=x", headers=GERMAN)
    _assert_in(english, "en")
    _assert_in(german, "de")
    assert '<html lang="de">' in german.text
    assert "Dieser Link ist nicht vollständig" in german.text
    assert '<html lang="en">' in english.text
    assert "This link is not complete" in english.text


async def test_a_refusal_on_a_page_is_in_the_browsers_language(shop) -> None:
    answer = await shop.client.post("/verify-email?token=x", headers=GERMAN | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Dieses Formular kam von einer anderen Website" in answer.text
    assert "Es wurde nichts getan." in answer.text


async def _language_of(shop: Any, **sent: Any) -> str:
    email = f"{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Ada"} | sent.pop("body", {})
    answer = await shop.client.post("/api/v1/auth/register", json=body, **sent)
    assert answer.status_code == 202, answer.text
    login = await shop.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    me = await shop.client.get("/api/v1/customers/me", headers={"Authorization": f"Bearer {login.json()['access_token']}"})
    return me.json()["locale"]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({}, "en"),
        ({"headers": GERMAN}, "de"),
        ({"headers": {"Cookie": "np_locale=de", "Accept-Language": "en"}}, "de"),
        ({"headers": GERMAN, "body": {"locale": "en"}}, "en"),
        ({"headers": {"Accept-Language": "xx-YY, zz"}}, "en"),
    ],
)
async def test_a_customers_language_is_that_of_the_registration(shop, sent: dict[str, Any], found: str) -> None:
    assert await _language_of(shop, **sent) == found


async def test_where_the_browser_asks_for_none_of_ours_it_is_the_companys(dsn: str, tmp_path: Path) -> None:
    async with open_shop(dsn, tmp_path, seeded=False, company_language="de") as shop:
        assert await _language_of(shop, headers={"Accept-Language": "fr"}) == "de"
        assert await _language_of(shop, headers={"Accept-Language": "en"}) == "en"


async def test_what_is_bought_is_described_in_the_readers_language_everywhere(demo: str, tmp_path: Path) -> None:
    async with open_shop(demo, tmp_path, copied=True, company_tax_id="DE136695976") as shop:
        await _buy_in_german(shop)


async def _buy_in_german(shop: Any) -> None:
    buyer = await register(shop)
    assert (await buyer.request("PATCH", "/api/v1/customers/me", json={"locale": "de-DE"})).status_code == 200
    ordered = await buyer.order(f"shop-{secrets.token_hex(4)}.com")
    await buyer.pay(ordered["id"])
    await shop.drain()
    name = ordered["lines"][0]["domain_name"]
    order = (await buyer.get(f"/api/v1/orders/{ordered['id']}", headers=GERMAN)).json()
    lines = {line["description"] for line in order["lines"]}
    assert lines == {f"Professional für {name}", f"{name}, 1 Jahr"}
    assert {part["description"] for line in order["lines"] for part in line["parts"]} >= lines
    (found,) = (await buyer.get("/api/v1/invoices")).json()["items"]
    invoice = (await buyer.get(f"/api/v1/invoices/{found['id']}", headers=GERMAN)).json()
    english = (await buyer.get(f"/api/v1/invoices/{found['id']}")).json()
    assert {line["description"] for line in invoice["lines"]} >= lines
    assert {line["tax_note"] for line in invoice["lines"]} == {
        "Nicht steuerbar: Der Leistungsort liegt außerhalb der Europäischen Union (Vereinigte Staaten)"
    }
    assert {line["description"] for line in english["lines"]} >= {f"Professional for {name}", f"{name}, 1 year"}
    written = (await buyer.get(f"/api/v1/invoices/{found['id']}/xml")).text
    assert f"Professional für {name}" in written, "documents go by the customer's language, whoever reads them"
    assert f"{name}, 1 Jahr" in written
    await _given_back_in_german(shop, buyer, found["id"])


async def _given_back_in_german(shop: Any, buyer: Any, invoice_id: str) -> None:
    """The product's own reason in the language; what staff wrote stays as it is."""
    desk = await staff(shop)
    for reason in ("The subscription was cancelled", "Sorry for the wait"):
        answer = await desk.post(f"/invoices/{invoice_id}/credit-notes", json={"reason": reason, "amount": {"amount": 100, "currency": "USD"}})
        assert answer.status_code == 201, answer.text
    read = {
        language: (await buyer.get(f"/api/v1/invoices/{invoice_id}", headers=headers)).json() for language, headers in (("de", GERMAN), ("en", {}))
    }
    told = {language: [note["reason"] for note in invoice["credit_notes"]] for language, invoice in read.items()}
    assert told == {"de": ["Der Vertrag wurde gekündigt", "Sorry for the wait"], "en": ["The subscription was cancelled", "Sorry for the wait"]}


def test_lines_are_told_in_german_part_by_part() -> None:
    assert words.line("Unused: Starter, 11 of 30 days; Unused: 2 × Disk, 11 of 30 days; Coupon", "de") == (
        "Nicht genutzt: Starter, 11 von 30 Tagen; Nicht genutzt: 2 × Disk, 11 von 30 Tagen; Gutschein"
    )
    assert words.line("Coupon SPRING; Trial: 14 days; Included in Starter", "de") == "Gutschein SPRING; Probezeit: 14 Tage; Enthalten in Starter"
    assert words.line("2 × Setup of Professional", "de") == "2 × Einrichtung von Professional"
    assert words.line("Professional", "de") == "Professional"
    assert words.line("Setup of Professional", "en") == "Setup of Professional"
