"""Every invoice and credit note is an e-invoice that the official schema and schematron have nothing against."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from nextbill.adapters.cii import CrossIndustryInvoice
from nextbill.capabilities.invoicing.ports import Bill, NotExpressible
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period
from tests.support.bills import BUYER, LETTERHEAD, SELLER, Sold, bill, credit_note, many
from tests.support.e_invoices import complaints

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
WRITER = CrossIndustryInvoice(LETTERHEAD)
MONTH = Period(date(2026, 11, 1), date(2026, 12, 1))
ZERO_RATED = {name: Sold(category=name, rate=0) for name in ("Z", "E", "AE", "K", "G", "O")}
REDUCED = Sold(unit=4999, rate=7)
CONSUMER = structs.replace(BUYER, status="consumer", company=None, tax_id=None)
ABROAD = structs.replace(BUYER, country="US", state="CA", postal_code="94105", tax_id="12-3456789")
ODD = "Ünïcödé Žluťoučký 王小明 שלום مرحبا 🙂 <b>&amp;</b> ]]> \"quoted\" 'single' \u202e \x07\x00 tab\tline\nend"
INVOICES: dict[str, Bill] = {
    "one line": bill(),
    "paid": bill(paid=True),
    "partly paid": replace(bill(), paid=Money(500, "EUR")),
    "two rates": bill(Sold(), REDUCED),
    "three rates": bill(Sold(), REDUCED, Sold(rate=5.5)),
    "rate with decimals": bill(Sold(rate=7.7)),
    "rates and zero": bill(Sold(), REDUCED, ZERO_RATED["Z"]),
    "standard and exempt": bill(Sold(), ZERO_RATED["E"]),
    "standard and reverse charge": bill(Sold(), ZERO_RATED["AE"]),
    "standard and export": bill(Sold(), ZERO_RATED["G"]),
    **{f"category {name}": bill(sold) for name, sold in ZERO_RATED.items()},
    **{f"credit note, category {name}": credit_note(sold) for name, sold in ZERO_RATED.items()},
    "exempt without a VAT id": bill(ZERO_RATED["E"], seller=replace(SELLER, tax_id="30/123/45678")),
    "outside, no tax number": bill(ZERO_RATED["O"], seller=replace(SELLER, tax_id=None), buyer=CONSUMER),
    "consumer": bill(buyer=CONSUMER),
    "buyer abroad with a number that is no VAT id": bill(ZERO_RATED["G"], buyer=ABROAD),
    "buyer with no more than a country": bill(buyer=structs.replace(CONSUMER, address_line_1=None, city=None, postal_code=None)),
    "discount": bill(Sold(discount=300)),
    "discount of all": bill(Sold(unit=1000, discount=1000), Sold()),
    "discounts at two rates": bill(Sold(discount=1), replace(REDUCED, discount=999)),
    "quantity": bill(Sold(quantity=12), Sold(unit=1, quantity=1000)),
    "free line": bill(Sold(unit=0), Sold()),
    "period": bill(Sold(period=MONTH)),
    "credit note": credit_note(),
    "credit note of two rates with discounts": credit_note(Sold(discount=50), replace(REDUCED, quantity=3)),
    "yen": bill(Sold(unit=1980), currency="JPY"),
    "dinar of whole fils": bill(Sold(unit=12_300, rate=10), currency="KWD"),
    "dollars, tax in euro": bill(currency="USD", tax_home=Money(213, "EUR")),
    "dollars, tax in euro, credited": credit_note(currency="USD", tax_home=Money(213, "EUR")),
    "pounds": bill(currency="GBP"),
    "francs": bill(Sold(rate=8.1), currency="CHF"),
    "buyer's references": bill(buyer_reference="04011000-12345-67", order_number="PO-4711", notes="Thank you.\n\nSee you next year."),
    "another address for invoices": bill(buyer=structs.replace(BUYER, invoice_email="ap@example.com")),
    "payable at once": bill(due_on=None),
    "no link": bill(payment_link=None),
    "odd characters": bill(
        Sold(description=ODD), buyer=structs.replace(BUYER, name=ODD, company=ODD, address_line_1=ODD, city="Łódź"), notes=ODD, order_number="<PO&1>"
    ),
    "200 lines": bill(*many(200)),
    "200 lines of three rates": bill(*many(198), REDUCED, ZERO_RATED["Z"]),
    "200 lines credited": credit_note(*many(200)),
    "large amounts": bill(Sold(unit=99_999_999_99, quantity=9)),
    "one cent": bill(Sold(unit=1)),
}


@pytest.mark.parametrize("name", INVOICES)
def test_schema_and_schematron_have_nothing_against_it(name: str) -> None:
    assert complaints(WRITER.write(INVOICES[name])) == []


def test_there_are_enough_of_them() -> None:
    assert len(INVOICES) >= 40


TAMPERED = {
    "a total raised": ("<ram:GrandTotalAmount>15.46", "<ram:GrandTotalAmount>15.47", "BR-CO-15"),
    "a line raised": ("<ram:LineTotalAmount>12.99", "<ram:LineTotalAmount>13.99", "BR-CO-10"),
    "tax lowered": ("<ram:CalculatedAmount>2.47", "<ram:CalculatedAmount>0.47", "BR-CO-14"),
    "no number": ("<ram:ID>INV-2026-000042</ram:ID>", "", "BR-02"),
    "a currency that is none": ("<ram:InvoiceCurrencyCode>EUR", "<ram:InvoiceCurrencyCode>EUX", "'ram:InvoiceCurrencyCode' is not allowed"),
    "a country that is none": ("<ram:CountryID>FR", "<ram:CountryID>XX", "'ram:CountryID' is not allowed"),
    "an account taken away": ("<ram:IBANID>DE89370400440532013000</ram:IBANID>", "", "BR-"),
    "a rate at a category without one": ("<ram:CategoryCode>S", "<ram:CategoryCode>AE", "BR-AE"),
    "an element of its own": ("<ram:TypeCode>380", "<ram:Bogus>1</ram:Bogus><ram:TypeCode>380", "schema"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_one_fails(name: str) -> None:
    before, after, rule = TAMPERED[name]
    xml = WRITER.write(bill()).decode()
    assert before in xml
    found = complaints(xml.replace(before, after, 1).encode())
    assert any(rule in complaint for complaint in found), found


SOLD = st.builds(
    Sold,
    unit=st.integers(0, 1_000_000),
    quantity=st.integers(1, 50),
    rate=st.sampled_from([19, 7, 5.5, 20, 21, 25]),
    description=st.text(min_size=1, max_size=60).filter(lambda words: any(one.isalnum() for one in words)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SOLD, min_size=1, max_size=12), st.sampled_from(["EUR", "USD", "JPY"]), st.booleans(), st.booleans())
def test_random_carts_are_e_invoices(sold: list[Sold], currency: str, paid: bool, credited: bool) -> None:  # noqa: FBT001 (drawn, not called)
    made = credit_note(*sold, currency=currency) if credited else bill(*sold, currency=currency, paid=paid)
    assert complaints(WRITER.write(made)) == []


IMPOSSIBLE = {
    "a third decimal": (bill(Sold(unit=12_345, rate=0, category="Z"), currency="KWD"), "two decimals"),
    "outside the scope beside others": (bill(Sold(), ZERO_RATED["O"]), "outside the scope"),
    "a seller without a tax number": (bill(seller=replace(SELLER, tax_id=None)), "COMPANY_TAX_ID"),
    "within the Union with a number that is no VAT id": (bill(ZERO_RATED["K"], seller=replace(SELLER, tax_id="30/123/45678")), "COMPANY_TAX_ID"),
    "reverse charge for a buyer without a VAT id": (bill(ZERO_RATED["AE"], buyer=CONSUMER), "buyer's VAT id"),
    "a proforma": (bill(kind="proforma"), "Only invoices"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_the_standard_cannot_say_is_refused_with_its_reason(name: str) -> None:
    made, why = IMPOSSIBLE[name]
    with pytest.raises(NotExpressible, match=why):
        WRITER.write(made)


def test_tax_rounded_line_by_line_may_be_too_far_off() -> None:
    made = bill(*[Sold(unit=3)] * 500)
    (group,) = made.taxes
    tax = Money(500, "EUR")
    with pytest.raises(NotExpressible, match="once an invoice"):
        WRITER.write(replace(made, taxes=(replace(group, tax=tax),), tax=tax, total=made.net + tax))


def test_a_house_without_any_number_is_told_so() -> None:
    nobody = CrossIndustryInvoice(replace(LETTERHEAD, registration=None))
    with pytest.raises(NotExpressible, match="COMPANY_REGISTRATION"):
        nobody.write(bill(ZERO_RATED["O"], seller=replace(SELLER, tax_id=None)))


def test_it_says_what_the_invoice_says() -> None:
    made = bill(
        Sold(quantity=2, discount=98, period=MONTH),
        REDUCED,
        buyer=structs.replace(BUYER, invoice_email="ap@example.com"),
        buyer_reference="R-1",
        order_number="PO-1",
    )
    tree = etree.fromstring(WRITER.write(made))

    def said(name: str) -> list[str | None]:
        return [element.text for element in tree.iter(RAM + name)]

    assert said("BuyerReference") == ["R-1"]
    assert said("IssuerAssignedID") == ["PO-1"]
    assert said("URIID") == ["billing@example.com", "billing@example.com", "ap@example.com"]
    assert said("ChargeAmount") == ["12.99", "49.99"]
    assert said("LineTotalAmount") == ["25.00", "49.99", "74.99"]
    assert said("ActualAmount") == ["0.98"]
    assert said("RateApplicablePercent") == ["19", "7", "19", "7"]
    assert said("TypeCode") == ["380", "VAT", "VAT", "58", "VAT", "VAT"]
    assert said("IBANID") == ["DE89370400440532013000"]
    assert [element.text for element in tree.iter("{*}DateTimeString")] == ["20261121", "20261101", "20261130", "20261205"]
    assert said("DuePayableAmount") == ["83.24"]
