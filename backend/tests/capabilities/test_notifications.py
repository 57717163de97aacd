"""Mails: whole in every language, written in the customer's, once for each fact."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nextbill.capabilities.notifications import documents
from nextbill.capabilities.notifications.documents import Reader, compose
from nextbill.capabilities.notifications.rules import what_is_ready
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money
from nextbill.runtime import words
from tests.capabilities.till import one
from tests.support.buyer import PASSWORD, Buyer, register
from tests.support.shop import open_shop
from tests.support.staff import staff

FOREIGN = [language for language in documents.languages() if language != documents.DEFAULT_LANGUAGE]
VALUES = {
    "company": "Example Hosting", "company_address": "1 Example Street", "portal": "https://portal.example", "email": "ada@example.com",
    "order": "ORD-2026-000042", "invoice": "INV-2026-000042", "note": "CN-2026-000007", "date": "the day", "net": "<net>", "tax": "<tax>", "total": "<total>",
    "amount": "<amount>", "what": "bücher & co.com", "name": "bücher.com", "why": "a reason",
    "key": "NP-••••-••••-9TRW", "plan": "Professional", "resource": "databases", "threshold": "90 %", "share": "92 %", "used": "46", "limit": "50",
    "to": "Professional (a month)", "before": "<before>", "after": "<after>", "last_day": "the day before", "cycle": "a month", "until": "some day",
    "invoice_day": "a week before", "card": "Visa •••• 4242", "remedy": "a remedy", "tax_id": "FR40303265045", "due": "<due>", "due_on": "another day",
}  # fmt: skip
"""Amounts stand in brackets here to see that values are escaped in HTML and not in text."""


def _catalog(language: str) -> dict[str, Any]:
    return tomllib.loads((documents.TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


def _shape(value: Any) -> Any:
    """What a translation has to keep: keys, numbers of parts, and which values stand in each."""
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    return sorted(re.findall(r"\{\{.*?\}\}", value))


def test_mails_speak_what_the_rest_of_the_product_speaks() -> None:
    assert set(documents.languages()) == set(words.LANGUAGES)


@pytest.mark.parametrize("language", FOREIGN)
def test_both_files_have_the_same_parts_and_name_the_same_values(language: str) -> None:
    english, foreign = _catalog(documents.DEFAULT_LANGUAGE), _catalog(language)
    assert list(english) == list(foreign)
    for part in english:
        assert _shape(foreign[part]) == _shape(english[part]), part
        assert "facts_from" not in english[part] or foreign[part]["facts_from"] == english[part]["facts_from"], part


@pytest.mark.parametrize("language", FOREIGN)
def test_no_words_were_left_in_english(language: str) -> None:
    same = {"hosting", "domain", "panel"}
    english, foreign = _catalog(documents.DEFAULT_LANGUAGE), _catalog(language)
    for part, entry in english.items():
        for name, text in entry.items() if isinstance(entry, dict) else [("", entry)]:
            if isinstance(text, str) and name not in same | {"facts_from"} and re.sub(r"\{\{.*?\}\}", "", text).strip():
                assert foreign[part][name] != text if isinstance(entry, dict) else foreign[part] != text, f"{part}.{name}"


@pytest.mark.parametrize("language", documents.languages())
@pytest.mark.parametrize("kind", documents.kinds())
def test_every_mail_renders_in_every_language(kind: str, language: str) -> None:
    mail = compose(kind, language, VALUES, link="https://portal.example/x?token=1", delivered=[("Domain", "<b>.com")])
    assert f'lang="{language}"' in mail.html
    assert mail.subject
    assert "\n" not in mail.subject
    for left_over in ("{{", "}}", "{%"):
        assert left_over not in mail.subject + mail.text + mail.html
    for hole in ("<net>", "<total>", "<amount>", "<b>.com", "<script"):
        assert hole not in mail.html
    assert (
        ("https://portal.example/x?token=1" in mail.text)
        == ("button" in _catalog(language)[kind])
        == ("https://portal.example/x?token=1" in mail.html)
    )


@pytest.mark.parametrize(
    ("tag", "language", "amount", "day"),
    [
        ("en", "en", "$1,234.50", "November 21, 2026"),
        ("en-GB", "en", "US$1,234.50", "21 November 2026"),
        ("de", "de", "1.234,50\xa0$", "21. November 2026"),
        ("de-AT", "de", "$\xa01.234,50", "21. November 2026"),
        ("pt-BR", "en", "$1,234.50", "November 21, 2026"),
    ],
)
def test_amounts_and_days_follow_the_reader(tag: str, language: str, amount: str, day: str, moment: Any) -> None:
    reader = Reader.of(tag)
    assert reader.language == language
    assert reader.money(Money(123450, "USD")).replace("\u202f", "\xa0") == amount
    assert reader.day(moment) == day


@pytest.fixture
def moment() -> Any:
    return business_date(datetime(2026, 11, 21, 12, tzinfo=UTC), "UTC")


def test_a_delivery_is_called_by_its_first_name_else_its_plan() -> None:
    assert what_is_ready([None, "a.com"], ["Pro"], else_="Your order") == "a.com"
    assert what_is_ready([None], ["Pro"], else_="Your order") == "Pro"
    assert what_is_ready([], [], else_="Your order") == "Your order"


async def _speaking(shop: Any, locale: str, **options: Any) -> Buyer:
    buyer = await register(shop, **options)
    answer = await buyer.request("PATCH", "/api/v1/customers/me", json={"locale": locale})
    assert answer.status_code == 200, answer.text
    return buyer


def _newest(mails: list[dict[str, Any]], subject: str) -> dict[str, Any]:
    return next(mail for mail in reversed(mails) if subject in mail["subject"])


async def test_a_german_customer_is_written_to_in_german_from_order_to_login(shop) -> None:
    buyer = await _speaking(shop, "de")
    order = await buyer.order("laden.com")
    await buyer.pay(order["id"])
    await shop.drain()
    mails = await shop.mails(buyer.email)
    receipt, welcome = _newest(mails, "Zahlungsbestätigung zur Rechnung"), _newest(mails, "laden.com ist bereit")
    total = Money(order["total"]["amount"], order["total"]["currency"]).format("de")
    assert receipt["subject"].endswith(f": {total}".replace("\xa0", " "))
    for text in ("Vielen Dank", "Gesamtsumme", f"Bestellung: {order['number']}", "Fragen? Antworten Sie einfach"):
        assert text in receipt["text"]
    assert re.search(r"Datum: \d{1,2}\. \w+ \d{4}", receipt["text"])
    assert 'lang="de"' in receipt["html"]
    assert "Benutzername: " in welcome["text"]
    assert "Benutzernamen und Passwort anzeigen" in welcome["html"]
    told = await buyer.get("/api/v1/notifications/")
    assert [mail["subject"] for mail in told.json()["items"][:2]] == [welcome["subject"], receipt["subject"]]


async def test_a_registration_in_german_is_confirmed_in_german(shop) -> None:
    body = {"email": "neu@example.com", "password": "a long enough password", "name": "Ada"}
    assert (await shop.client.post("/api/v1/auth/register", json=body, headers={"Accept-Language": "de"})).status_code == 202
    assert (await shop.client.post("/api/v1/auth/register", json=body, headers={"Accept-Language": "en"})).status_code == 202
    await shop.drain()
    assert {mail["subject"] for mail in await shop.mails("neu@example.com")} == {
        "Bestätigen Sie Ihre E-Mail-Adresse",
        "Sie haben bereits ein Konto bei uns",
    }


async def test_a_language_without_words_is_written_to_in_english_throughout(shop) -> None:
    buyer = await _speaking(shop, "pt-BR")
    await shop.client.post("/api/v1/auth/password/forgot", json={"email": buyer.email})
    await shop.drain()
    mail = _newest(await shop.mails(buyer.email), "Choose a new password")
    assert 'lang="en"' in mail["html"]


async def test_staff_is_written_to_in_the_companys_language(dsn: str, tmp_path: Any) -> None:
    async with open_shop(dsn, tmp_path, company_language="de") as shop:
        desk, buyer = await staff(shop), await register(shop)
        for server in (await desk.get("/nextpanel/servers")).json()["items"]:
            path, body = f"/api/v1/nextpanel/servers/{server['id']}/status", {"status": "draining"}
            answer = await shop.client.put(path, json=body, headers={"Authorization": f"Bearer {desk.token}"})
            assert answer.status_code == 200, answer.text
        order = await buyer.order("geduld.com")
        await buyer.pay(order["id"])
        await shop.drain()
        [told] = await shop.mails(shop.settings.company_email)
        assert " ".join(told["subject"].split()) == f"Braucht eine Hand: Bestellung {order['number']}, Professional für geduld.com"
        assert "Nicht geliefert. Der Grund: gerade hat kein Server Platz dafür." in told["text"]
        late = _newest(await shop.mails(buyer.email), "dauert länger")
        assert "konnte noch nicht eingerichtet werden: gerade hat kein Server Platz dafür." in late["text"]


async def test_a_cancellation_gives_its_reason_in_the_customers_language(shop) -> None:
    buyer, desk = await _speaking(shop, "de"), await staff(shop)
    for server in (await desk.get("/nextpanel/servers")).json()["items"]:
        path, body = f"/api/v1/nextpanel/servers/{server['id']}/status", {"status": "draining"}
        await shop.client.put(path, json=body, headers={"Authorization": f"Bearer {desk.token}"})
    order = await buyer.order("zurueck.com")
    await buyer.pay(order["id"])
    await shop.drain()
    early = await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={}, headers={"Accept-Language": "de"})
    assert (early.status_code, early.json()["code"], early.json()["title"]) == (409, "too_early_to_cancel", "Die Bestellung wird gerade geliefert")
    assert early.json()["detail"].startswith("Sie wird gerade geliefert. Ist sie es bis dahin nicht, kann sie ab ")
    shop.advance(timedelta(hours=25))
    again = await shop.client.post("/api/v1/auth/login", json={"email": buyer.email, "password": PASSWORD})
    buyer.token = again.json()["access_token"]
    assert (await buyer.post(f"/api/v1/orders/{order['id']}/cancel", json={})).status_code == 200
    await shop.drain()
    credited = _newest(await shop.mails(buyer.email), "Gutschrift")
    assert "Grund: Vom Kunden storniert" in credited["text"]
    assert re.search(r"Datum: \d{1,2}\. \w+ \d{4}", credited["text"])
    assert "sind auf dem Weg zu Ihnen zurück" in _newest(await shop.mails(buyer.email), "auf dem Weg")["subject"]
    stored = await one(shop, "select reason from invoicing_credit_note")
    assert stored == "Cancelled by the customer"
