"""From the cart to the paper: what catalog, tax, invoices and documents hand to each other, seen from outside."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from sqlalchemy import text

from nextbill.runtime.database import Role
from tests.support import stall
from tests.support.buyer import Buyer, register
from tests.support.shop import open_shop
from tests.support.staff import staff, violations

BERLIN = {"line_1": "Unter den Linden 1", "line_2": "", "city": "Berlin", "state": "", "postal_code": "10117", "country": "DE"}
BASEL = {"line_1": "Freie Strasse 1", "line_2": "", "city": "Basel", "state": "", "postal_code": "4001", "country": "CH"}


async def living_in(shop: Any, address: dict[str, str]) -> Buyer:
    buyer = await register(shop, address=False)
    assert (await buyer.request("PUT", "/api/v1/customers/me/address", json=address)).status_code == 200
    return buyer


async def bought(buyer: Buyer, *items: dict[str, Any], **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The paid order, and its invoice."""
    answer = await stall.order(buyer, *items, **more)
    assert answer.status_code == 201, answer.text
    assert (await buyer.pay(answer.json()["id"])).status_code == 303
    await buyer.shop.drain()
    (listed,) = (await buyer.get("/api/v1/invoices")).json()["items"]
    return answer.json(), (await buyer.get(f"/api/v1/invoices/{listed['id']}")).json()


async def rows(shop: Any, statement: str) -> list[Any]:
    async with shop.database.reading(Role.WORK) as tx:
        return list((await tx.execute(text(statement))).all())


async def test_a_discounted_cart_of_a_german_consumer_is_taxed_booked_printed_and_mailed(dsn: str, tmp_path: Path) -> None:
    async with open_shop(dsn, tmp_path, company_tax_id="DE136695976") as shop:
        await _sell_to_a_german(shop)


async def _sell_to_a_german(shop: Any) -> None:
    await stall.offer_coupon(await staff(shop), "TENTH", percent_ppm=100_000)
    buyer = await living_in(shop, BERLIN)
    order, invoice = await bought(buyer, stall.hosting("professional", "ein-garten.example.org"), coupon="TENTH")
    net = 9900 - 990
    tax = 1693  # 19 % of 89.10, half up.
    assert (order["net"]["amount"], order["tax"]["amount"], order["total"]["amount"]) == (net, tax, net + tax)
    (line,) = invoice["lines"]
    assert (line["net"]["amount"], line["tax"]["amount"], line["discount"]["amount"]) == (net, tax, 990)
    assert {row.home_tax_minor for row in await rows(shop, "select home_tax_minor from tax_sale")} == {tax}
    books = dict(await rows(shop, "select account, sum(amount_minor)::bigint from ledger_entry group by account"))
    assert (books["tax_payable"], books["revenue_hosting"], books["receivable"]) == (-tax, -net, 0)
    explained = (await (await staff(shop)).get(f"/admin/invoices/{invoice['id']}/explain")).json()
    assert explained["lines"][0]["words"][1:] == [
        "1 × 99.00 USD less 9.90 USD (Coupon TENTH) is 89.10 USD.",
        "19 % of 89.10 USD is 16.93 USD, rounded half up for this line, by the rule 'VAT 19 % (DE)' (version 1) of DE, in force from 2021-01-01.",
        "Together 106.03 USD.",
    ]
    receipt = next(mail for mail in await shop.mails(buyer.email) if mail["subject"].startswith("Receipt"))
    (attached,) = receipt["attachments"]
    assert (attached["name"], attached["type"]) == (f"{invoice['number']}.pdf", "application/pdf")
    sent = await shop.outside.get(f"{shop.sims['mailbox']}/mails/{receipt['id']}/attachments/{attached['number']}")
    downloaded = await buyer.get(f"/api/v1/invoices/{invoice['id']}/pdf")
    assert sent.content == downloaded.content
    with pikepdf.open(io.BytesIO(sent.content)) as document:
        assert len(document.attachments) == 1
    assert await violations(shop) == []


async def test_a_reason_for_no_tax_is_told_in_the_language_of_the_document(shop: Any) -> None:
    buyer = await living_in(shop, BASEL)
    assert (await buyer.request("PATCH", "/api/v1/customers/me", json={"locale": "de"})).status_code == 200
    _, invoice = await bought(buyer, stall.hosting("starter", "ein-berg.example.org"))
    assert {line["tax_category"] for line in invoice["lines"]} == {"O"}
    printed = (await buyer.get(f"/api/v1/invoices/{invoice['id']}/pdf")).content
    words = " ".join(text_of(printed).split())
    assert "Nicht steuerbar" in words, words
    assert "Schweiz" in words


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


async def test_a_currency_is_sold_once_it_can_be_booked(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    plan = await stall.put_on_sale(desk, "island", 1000)
    priced = {"cycle": stall.MONTH, "price": {"amount": 800, "currency": "GBP"}}
    assert (await desk.post(f"/admin/plans/{plan['id']}/prices", json=priced)).status_code == 201
    wanted = stall.hosting("island", "an-island.example.org")
    refused = await stall.quote(buyer, wanted, currency="GBP")
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"][0]["field"]) == (422, "price_not_in_currency", "currency")
    assert "exchange rate" in refused.json()["fields"][0]["message"]
    rate = {"currency": "GBP", "day": f"{shop.clock.now():%Y-%m-%d}", "ppm": 1_270_000, "source": "a bank"}
    assert (await desk.put("/admin/ledger/rates", json=rate)).status_code == 200
    _, invoice = await bought(buyer, wanted, currency="GBP")
    assert invoice["total"] == {"amount": 800, "currency": "GBP"}
    (sold,) = await rows(shop, "select home_net_minor, home_currency from tax_sale")
    assert tuple(sold) == (1016, "USD")
    assert await violations(shop) == []


async def test_what_is_taken_back_is_told_at_the_rate_that_it_was_sold_at(shop: Any) -> None:
    desk, buyer = await staff(shop), await living_in(shop, BERLIN)
    plan = await stall.put_on_sale(desk, "island", 1000)
    priced = {"cycle": stall.MONTH, "price": {"amount": 10000, "currency": "GBP"}}
    assert (await desk.post(f"/admin/plans/{plan['id']}/prices", json=priced)).status_code == 201
    rate = {"currency": "GBP", "day": f"{shop.clock.now():%Y-%m-%d}", "ppm": 1_270_000, "source": "a bank"}
    assert (await desk.put("/admin/ledger/rates", json=rate)).status_code == 200
    _, invoice = await bought(buyer, stall.hosting("island", "an-island.example.org"), currency="GBP")
    assert (await desk.put("/admin/ledger/rates", json=rate | {"ppm": 1_500_000})).status_code == 200
    noted = await desk.post(f"/invoices/{invoice['id']}/credit-notes", json={"reason": "It was cancelled in time"})
    assert noted.status_code == 201, noted.text
    await shop.drain()
    (sums,) = await rows(shop, "select sum(home_net_minor)::bigint as net, sum(home_tax_minor)::bigint as tax, count(*) as n from tax_sale")
    assert tuple(sums) == (0, 0, 2)
    told = dict(await rows(shop, "select account, sum(home_minor)::bigint from ledger_entry group by account"))
    assert (told["revenue_hosting"], told["tax_payable"]) == (0, 0)
    assert await violations(shop) == []
