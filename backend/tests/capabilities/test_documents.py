"""Documents over HTTP: what customers and staff are handed, and that it is handed out the same for ever."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pikepdf
import psycopg
import pypdfium2
import pytest

from nextbill.capabilities import invoicing
from nextbill.capabilities.invoicing.documents.store import DocumentKey, keep, stored
from nextbill.runtime.database import Role
from tests.capabilities.test_invoicing_http import PASSWORD, Counter, counter
from tests.support.e_invoices import complaints
from tests.support.trade import NOW, line

__all__ = ["counter"]


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def attached(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: bytes(opened.attachments[name].get_file().read_bytes()) for name in opened.attachments}


async def test_an_invoice_carries_its_own_e_invoice(counter: Counter) -> None:
    invoice_id = await counter.trade.paid(counter.customer_id, line(9900, rate_ppm=190_000), line(1499, rate_ppm=70_000, quantity=3))
    pdf = await counter.get("ada", f"/invoices/{invoice_id}/pdf")
    xml = await counter.get("ada", f"/invoices/{invoice_id}/xml")
    assert (pdf.status_code, pdf.headers["content-type"], pdf.headers["content-disposition"]) == (
        200,
        "application/pdf",
        'inline; filename="INV-2026-000001.pdf"',
    )
    assert (xml.status_code, xml.headers["content-type"], xml.headers["content-disposition"]) == (
        200,
        "application/xml",
        'attachment; filename="INV-2026-000001.xml"',
    )
    assert attached(pdf.content) == {"factur-x.xml": xml.content}
    assert complaints(xml.content) == []
    with pikepdf.open(io.BytesIO(pdf.content)) as opened:
        metadata = opened.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        factur_x = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
        assert [metadata[factur_x + name] for name in ("DocumentFileName", "DocumentType", "Version", "ConformanceLevel")] == [
            "factur-x.xml",
            "INVOICE",
            "1.0",
            "EN 16931",
        ]
        (specification,) = opened.Root.AF
        assert (specification.AFRelationship, specification.EF.F.Subtype) == ("/Alternative", "/text/xml")
    words = text_of(pdf.content)
    for wanted in ("Invoice", "INV-2026-000001", "Ada Lovelace", "$99.00", "19 %", "7 %", "This invoice is paid"):
        assert wanted in words, wanted


async def test_the_first_bytes_are_served_for_ever(counter: Counter) -> None:
    invoice_id = await counter.trade.issued(counter.customer_id, line(9900, rate_ppm=190_000))
    first = await counter.get("ada", f"/invoices/{invoice_id}/pdf")
    tag = first.headers["etag"]
    assert tag == f'"{sha256(first.content).hexdigest()}"'
    await counter.send("billing", "POST", f"/invoices/{invoice_id}/void", json={"reason": "Wrong company"}, headers={"Idempotency-Key": "void"})
    counter.shop.advance(timedelta(days=400))
    login = {"email": "support@example.com", "password": PASSWORD}
    counter.tokens["ada"] = counter.tokens["support"] = (await counter.shop.client.post("/api/v1/auth/login", json=login)).json()["access_token"]
    again = await counter.get("support", f"/invoices/{invoice_id}/pdf")
    assert (again.content, again.headers["etag"]) == (first.content, tag)
    unchanged = await counter.send("ada", "GET", f"/invoices/{invoice_id}/pdf", headers={"If-None-Match": f'W/"other", {tag}'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    (note,) = (await counter.get("ada", f"/admin/invoices/{invoice_id}")).json()["credit_notes"]
    credit = await counter.get("ada", f"/credit-notes/{note['id']}/pdf")
    assert complaints(attached(credit.content)["factur-x.xml"]) == []
    words = text_of(credit.content)
    assert ("Credit note" in words, "CN-2026-000001" in words, "Reason: Wrong company" in words, "INV-2026-000001" in words) == (True,) * 4
    assert (await counter.get("ada", f"/credit-notes/{note['id']}/xml")).content == attached(credit.content)["factur-x.xml"]


async def test_racing_readers_are_given_the_same(counter: Counter) -> None:
    invoice_id = await counter.trade.issued(counter.customer_id)
    answers = await asyncio.gather(*(counter.get("ada" if place % 2 else "billing", f"/invoices/{invoice_id}/pdf") for place in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    with counter.trade.sql() as sql:
        assert sql.execute("select media_type from invoicing_document order by 1").fetchall() == [("application/pdf",), ("application/xml",)]


async def test_a_second_writer_is_given_the_first_ones_bytes(counter: Counter) -> None:
    """Two versions of the program at work at once may write differently; only one of them is heard."""
    invoice_id = await counter.trade.issued(counter.customer_id)
    key = DocumentKey("invoice", invoice_id)
    about = {"customer_id": counter.customer_id, "number": "INV-2026-000001", "language": "en", "now": NOW}
    async with counter.trade.writing() as earlier:
        await keep(earlier, key, contents={invoicing.PDF: b"first", invoicing.XML: b"<first/>"}, **about)

        async def late() -> None:
            async with counter.trade.writing() as tx:
                await keep(tx, key, contents={invoicing.PDF: b"second", invoicing.XML: b"<second/>"}, **about)

        waiting = asyncio.ensure_future(late())
        await asyncio.sleep(0.2)
        assert not waiting.done()
    await waiting
    async with counter.trade.database.reading(Role.WORK) as tx:
        pdf, xml = await stored(tx, key, invoicing.PDF), await stored(tx, key, invoicing.XML)
    assert pdf is not None
    assert xml is not None
    assert (pdf.content, xml.content) == (b"first", b"<first/>")


async def test_others_get_nothing(counter: Counter) -> None:
    invoice_id = await counter.trade.issued(counter.customer_id)
    proforma_id = await counter.trade.proforma(counter.customer_id)
    assert (await counter.get("ada", f"/invoices/{invoice_id}/pdf")).status_code == 200
    for path, code in (
        (f"/invoices/{invoice_id}/pdf", "invoice_not_found"),
        (f"/invoices/{invoice_id}/xml", "invoice_not_found"),
        (f"/invoices/proformas/{proforma_id}/pdf", "proforma_not_found"),
        (f"/credit-notes/{uuid4()}/pdf", "credit_note_not_found"),
    ):
        answer = await counter.get("eve", path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
        assert (await counter.get(None, path)).status_code == 401
    own = await counter.get("eve", "/statements", customer_id=str(counter.customer_id))
    assert (own.status_code, own.json()["movements"]) == (200, []), "a customer's own account, whatever it asks for"


async def test_money_that_came_later_has_a_receipt(counter: Counter) -> None:
    invoice_id = await counter.trade.issued(counter.customer_id, line(9900, rate_ppm=190_000))
    first = text_of((await counter.get("ada", f"/invoices/{invoice_id}/pdf")).content)
    assert ("How to pay" in first, "/pay/" in first) == (True, True)
    body = {"amount": {"amount": 5000, "currency": "USD"}, "method": "bank_transfer", "reference": "TX-77", "received_on": "2026-11-02"}
    paid = await counter.send("billing", "POST", f"/invoices/{invoice_id}/pay", json=body, headers={"Idempotency-Key": "part"})
    assert paid.status_code < 300, paid.text
    (payment,) = (await counter.get("ada", f"/invoices/{invoice_id}")).json()["payments"]
    answer = await counter.get("ada", f"/receipts/{payment['id']}/pdf")
    assert answer.headers["content-disposition"] == 'inline; filename="INV-2026-000001-R1.pdf"'
    words = text_of(answer.content)
    for wanted in ("Receipt", "$50.00", "bank transfer", "TX-77", "INV-2026-000001"):
        assert wanted in words, wanted
    stranger = await counter.get("eve", f"/receipts/{payment['id']}/pdf")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "receipt_not_found")
    assert text_of((await counter.get("ada", f"/invoices/{invoice_id}/pdf")).content) == first


async def test_a_proforma_is_no_invoice(counter: Counter) -> None:
    proforma_id = await counter.trade.proforma(counter.customer_id, line(9900, rate_ppm=190_000))
    answer = await counter.get("ada", f"/invoices/proformas/{proforma_id}/pdf")
    words = text_of(answer.content)
    assert ("Proforma invoice" in words, "This is not a tax invoice" in words, "How to pay" in words) == (True, True, True)
    assert attached(answer.content) == {}


async def test_the_reader_is_spoken_to_in_its_language(counter: Counter) -> None:
    await counter.send("ada", "PATCH", "/customers/me", json={"locale": "de-AT"})
    invoice_id = await counter.trade.issued(counter.customer_id, line(123_456, rate_ppm=190_000))
    words = text_of((await counter.get("ada", f"/invoices/{invoice_id}/pdf")).content)
    for wanted in ("Rechnung", "Gesamtbetrag", "Zahlbar bis", "Seite 1 von 1", "Deutschland"):
        assert wanted in words, wanted


async def test_a_statement_says_what_the_books_say(counter: Counter) -> None:
    paid = await counter.trade.paid(counter.customer_id, line(9900, rate_ppm=190_000))
    await counter.trade.issued(counter.customer_id, line(5000))
    body = (await counter.get("ada", "/statements", **{"from": "2026-07-01", "to": "2026-07-31"})).json()
    assert (body["opening"]["amount"], body["closing"]["amount"], body["currency"]) == (0, 5000, "USD")
    assert [(one["kind"], one["number"], one["amount"]["amount"], one["balance"]["amount"]) for one in body["movements"]] == [
        ("payment", "", -11781, -11781),
        ("invoice", "INV-2026-000001", 11781, 0),
        ("invoice", "INV-2026-000002", 5000, 5000),
    ]
    later = (
        await counter.get("billing", "/statements", **{"from": "2026-08-01", "to": "2026-08-31", "customer_id": str(counter.customer_id)})
    ).json()
    assert (later["opening"]["amount"], later["closing"]["amount"], later["movements"]) == (5000, 5000, [])
    shown = await counter.get("ada", "/statements/pdf", **{"from": "2026-07-01", "to": "2026-07-31"})
    assert shown.headers["content-disposition"] == 'inline; filename="statement-2026-07-01-2026-07-31-USD.pdf"'
    words = text_of(shown.content)
    assert ("Statement of account" in words, "$117.81" in words, "INV-2026-000002" in words) == (True, True, True)
    for wrong, field in (({"from": "2026-08-01", "to": "2026-07-01"}, "to"), ({"currency": "QQQ"}, "currency")):
        answer = await counter.get("ada", "/statements", **wrong)
        assert (answer.status_code, [one["field"] for one in answer.json()["fields"]]) == (422, [field])
    assert (await counter.get("billing", "/statements")).json()["fields"][0]["field"] == "customer_id"
    assert UUID(str(paid))


REFUSED = (
    "update invoicing_document set content = 'x'",
    "delete from invoicing_document",
    "truncate invoicing_document",
    "insert into invoicing_document select gen_random_uuid(), customer_id, 'receipt', subject_id, media_type, number, language, repeat('0', 64), content, created_at from invoicing_document",
    "insert into invoicing_document select gen_random_uuid(), customer_id, kind, subject_id, media_type, number, language, sha256, content, created_at from invoicing_document",
)


async def test_the_database_keeps_what_was_handed_out(counter: Counter) -> None:
    invoice_id = await counter.trade.issued(counter.customer_id)
    assert (await counter.get("ada", f"/invoices/{invoice_id}/pdf")).status_code == 200
    for statement in REFUSED:
        for role in (None, Role.WORK, Role.APP):
            with counter.trade.sql(role, customer_id=counter.customer_id) as sql:
                with pytest.raises(psycopg.Error):
                    sql.execute(statement)
                sql.rollback()


async def test_what_the_house_has_not_set_is_told(counter: Counter) -> None:
    """No plan B in silence: the PDF comes without an e-invoice, and who asks for one is told what is missing."""
    seller = invoicing.Seller("Example Hosting", "1 Example Street", "DE", "billing@example.com", None)
    async with counter.trade.writing() as tx:
        invoice_id = await invoicing.issue_invoice(
            tx,
            customer_id=counter.customer_id,
            origin_type="orders.order",
            origin_id=uuid4(),
            lines=[line(9900, rate_ppm=190_000)],
            buyer=invoicing.Buyer(name="Ada", email="ada@example.com", status="consumer", country="DE"),
            seller=seller,
            currency="USD",
            on=NOW.date(),
            due_on=NOW.date(),
            now=NOW,
        )
    for _ in range(2):
        refused = await counter.get("ada", f"/invoices/{invoice_id}/xml")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_e_invoice")
        assert "COMPANY_TAX_ID" in refused.json()["detail"]
        pdf = await counter.get("ada", f"/invoices/{invoice_id}/pdf")
        assert (pdf.status_code, attached(pdf.content)) == (200, {})
