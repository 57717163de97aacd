"""The press: what stands on the paper, in which form, and what it does with what it cannot print."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pikepdf
import pypdfium2
import pytest
import structlog
from msgspec import structs

from nextbill.adapters.cii import CrossIndustryInvoice
from nextbill.adapters.typst import TypstPress
from nextbill.adapters.typst.press import WAITING
from nextbill.adapters.typst.words import Tongue, _catalog, languages
from nextbill.capabilities.invoicing.ports import Movement, Paper, Receipt, Statement, WriterBusy
from nextbill.kernel.money import Money
from nextbill.runtime.words import LANGUAGES
from tests.support.bills import BUYER, DAY, LETTERHEAD, LINK, SELLER, Sold, bill, credit_note, many

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#2f5fd0"/></svg>'
E_INVOICES = CrossIndustryInvoice(LETTERHEAD)


@pytest.fixture
def press() -> Iterator[TypstPress]:
    made = TypstPress(LETTERHEAD)
    yield made
    made.close()


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def width(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return round(document[0].get_width())


def test_a_long_invoice_goes_over_pages(press: TypstPress) -> None:
    made = bill(*many(200), language="de")
    found = pages(press.write_now(made))
    assert len(found) >= 5
    for place, words in enumerate(found, 1):
        assert f"Seite {place} von {len(found)}" in words
    for place in range(200):
        assert sum(f"shop-{place}.example.com" in words for words in found) == 1
    sums = [words.split("Übertrag: ")[1].split("€")[0] for words in found[1:-1]]
    assert len(set(sums)) == len(sums), "the sum brought forward grows"
    assert "Übertrag" not in found[0].split("Bezeichnung")[0], "nothing is brought to the first page"
    for words in found[1:-2]:
        assert "Bezeichnung" in words, "the head of the table stands on each page"
    assert Tongue.of("de").money(made.total) in found[-1]


def test_few_lines_with_much_beside_them_go_over_pages_too(press: TypstPress) -> None:
    made = bill(*many(3), notes="One more thing to say.\n" * 90)
    found = pages(press.write_now(made))
    assert len(found) > 1
    for place, words in enumerate(found, 1):
        assert f"Page {place} of {len(found)}" in words
        assert place == 1 or made.number in words, "each page says what it is of"
    assert "Page 1 of 1" in pages(press.write_now(bill(*many(3))))[0]


def test_sums_are_carried_from_page_to_page(press: TypstPress) -> None:
    made = bill(*many(60))
    found = pages(press.write_now(made))
    nets = {line.position: line.net for line in made.lines}
    seen = Money.zero("EUR")
    for words, following in zip(found, found[1:], strict=False):
        for place in range(60):
            if f"shop-{place}.example.com" in words:
                seen += nets[place + 1]
        if "shop-59.example.com" in words:
            return  # all lines are told: the sum is in the totals
        assert f"Carried over: {seen.format('en')}" in words
        assert f"Brought forward: {seen.format('en')}" in following


def test_the_same_paper_gives_the_same_bytes(press: TypstPress) -> None:
    made = bill(*many(3))
    first = press.write_now(made, E_INVOICES.write(made))
    other = TypstPress(LETTERHEAD)
    try:
        assert other.write_now(made, E_INVOICES.write(made)) == first
    finally:
        other.close()


def test_paper_sizes() -> None:
    for size, expected in (("A4", 595), ("Letter", 612)):
        made = TypstPress(replace(LETTERHEAD, size=size))
        assert width(made.write_now(bill())) == expected
        made.close()


def test_a_logo_takes_the_place_of_the_name() -> None:
    made = TypstPress(replace(LETTERHEAD, logo=SVG))
    plain = TypstPress(LETTERHEAD)
    with_logo, without = made.write_now(bill()), plain.write_now(bill())
    assert pages(without)[0].count(SELLER.name) - pages(with_logo)[0].count(SELLER.name) == 1
    made.close()
    plain.close()


@pytest.mark.parametrize("words", ["€ ü ł Ž ß Ő ș ğ İ", "Ελληνικά Кириллица", "王小明 株式会社 한국어", "₹ ₺ zł Kč", "– „quoted“ ’"])
def test_signs_of_many_languages_are_printed(press: TypstPress, words: str) -> None:
    made = bill(Sold(description=words), buyer=structs.replace(BUYER, company=words))
    with structlog.testing.capture_logs() as logs:
        found = pages(press.write_now(made))[0]
    assert words in found
    assert logs == []


def test_a_character_without_a_sign_is_a_box_and_is_told(press: TypstPress) -> None:
    made = bill(Sold(description="Smile 🙂 ไทย \u0085 end"), buyer=structs.replace(BUYER, name="🙂"))
    xml = E_INVOICES.write(made)
    with structlog.testing.capture_logs() as logs:
        pdf = press.write_now(made, xml)
    assert "Smile □" in pages(pdf)[0]
    (told,) = logs
    assert {"U+1F642", "U+0E44"} <= set(told["characters"])
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.attachments["factur-x.xml"].get_file().read_bytes() == xml, "the e-invoice keeps every character"


@pytest.mark.parametrize(
    "words", ['#panic("x")', "$x$ *bold* _it_ `raw` <label> @ref", '"#read("/etc/passwd")"', "\\u{41} \\ // comment", "= Heading"]
)
def test_data_is_never_markup(press: TypstPress, words: str) -> None:
    made = bill(Sold(description=words), buyer=structs.replace(BUYER, company=words), notes=words)
    assert pages(press.write_now(made))[0].count(words) == 3


def test_the_code_and_the_link_are_there_where_something_is_due(press: TypstPress) -> None:
    due, paid = press.write_now(bill()), press.write_now(bill(paid=True))
    assert LINK in pages(due)[0].replace("\r\n", "")
    assert LINK not in pages(paid)[0]
    with pikepdf.open(io.BytesIO(due)) as opened:
        assert {str(note.A.URI) for note in opened.pages[0].Annots} == {LINK}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_portal_has_words_for_all(press: TypstPress, language: str) -> None:
    papers: list[Paper] = [
        bill(Sold(discount=100, category="O", rate=0), language=language, tax_home=Money(1, "USD"), notes="A note"),
        bill(paid=True, language=language),
        bill(kind="proforma", language=language),
        credit_note(language=language),
        Receipt(
            "INV-2026-000042-1", language, DAY, Money(1546, "EUR"), "barter", SELLER, BUYER, "pi_123", (("INV-2026-000042", Money(1546, "EUR")),)
        ),
        Statement(
            language, DAY, DAY, DAY, SELLER, BUYER, Money(0, "EUR"), Money(5, "EUR"), (Movement(DAY, "odd", "", Money(5, "EUR"), Money(5, "EUR")),)
        ),
        Statement(language, DAY, DAY, DAY, SELLER, BUYER, Money(0, "EUR"), Money(0, "EUR")),
    ]
    for paper in papers:
        assert "{" not in "".join(pages(press.write_now(paper)))
    assert set(languages()) == set(LANGUAGES)


def test_catalogs_have_the_same_words() -> None:
    english, *others = (_keys(language) for language in ("en", *(name for name in LANGUAGES if name != "en")))
    for other in others:
        assert other == english


def _keys(language: str) -> set[str]:
    found = set()
    for name, value in _catalog(language).items():
        found |= {f"{name}.{inner}" for inner in value} if isinstance(value, dict) else {name}
    return found


async def test_who_asks_for_too_many_is_asked_to_come_again(press: TypstPress) -> None:
    made = bill()
    waiting = [asyncio.ensure_future(press.write(made)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(WriterBusy):
        await press.write(made)
    assert len({await one for one in waiting}) == 1
    assert await press.write(replace(made, issued_on=date(2026, 1, 1)))
