"""Bill → Cross Industry Invoice. Comments name the business terms of EN 16931-1; the order of elements is the schema's."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from nextbill.adapters.cii.limits import is_vat_id, problems
from nextbill.adapters.cii.tree import Node, percent
from nextbill.capabilities.invoicing.ports import Bill, BillLine, Buyer, EInvoiceWriter, Letterhead, NotExpressible, Seller, TaxGroup

PROFILE: Final = "urn:cen.eu:en16931:2017"
_TYPE: Final = {"invoice": "380", "credit_note": "381"}
_ONE: Final = "C62"
"""UN/ECE Recommendation 20: one piece."""
_TRANSFER, _SEPA, _ONLINE = "30", "58", "68"
"""UNTDID 4461: how it is paid."""
_DISCOUNT: Final = "95"
"""UNTDID 5189."""
_WITHOUT_REASON: Final = frozenset({"S", "Z"})


class CrossIndustryInvoice(EInvoiceWriter):
    def __init__(self, letterhead: Letterhead) -> None:
        self._letterhead = letterhead

    def write(self, bill: Bill) -> bytes:
        if bill.kind not in _TYPE:
            raise NotExpressible("Only invoices and credit notes are e-invoices.")
        if found := problems(bill, self._letterhead):
            raise NotExpressible(" ".join(found))
        root = Node.root("rsm:CrossIndustryInvoice")
        root.node("rsm:ExchangedDocumentContext").node("GuidelineSpecifiedDocumentContextParameter").text("ID", PROFILE)
        _document(root.node("rsm:ExchangedDocument"), bill)
        trade = root.node("rsm:SupplyChainTradeTransaction")
        for line in bill.lines:
            _line(trade.node("IncludedSupplyChainTradeLineItem"), line)
        self._agreement(trade.node("ApplicableHeaderTradeAgreement"), bill)
        _delivery(trade.node("ApplicableHeaderTradeDelivery"), bill)
        self._settlement(trade.node("ApplicableHeaderTradeSettlement"), bill)
        return root.to_bytes()

    def _agreement(self, node: Node, bill: Bill) -> None:
        outside = _outside(bill)
        node.text("BuyerReference", bill.buyer_reference)  # BT-10
        self._seller(node.node("SellerTradeParty"), bill.seller, outside=outside)
        _buyer(node.node("BuyerTradeParty"), bill.buyer, outside=outside)
        if bill.order_number:
            node.node("BuyerOrderReferencedDocument").text("IssuerAssignedID", bill.order_number)  # BT-13

    def _seller(self, node: Node, seller: Seller, *, outside: bool) -> None:
        registration = self._letterhead.registration
        if outside and not registration:
            node.text("ID", seller.tax_id)  # BT-29: someone must be named, and a VAT id may not be (BR-CO-26, BR-O-02)
        node.text("Name", seller.name)  # BT-27
        if registration:
            node.node("SpecifiedLegalOrganization").text("ID", registration)  # BT-30
        contact = node.node("DefinedTradeContact")
        contact.text("PersonName", seller.name)  # BT-41
        contact.node("EmailURIUniversalCommunication").text("URIID", seller.email)  # BT-43
        address = node.node("PostalTradeAddress")
        address.text("LineOne", seller.address)  # BT-35
        address.text("CountryID", seller.country)  # BT-40
        node.node("URIUniversalCommunication").text("URIID", seller.email, schemeID="EM")  # BT-34
        if seller.tax_id and not outside:
            scheme = "VA" if is_vat_id(seller.tax_id) else "FC"
            node.node("SpecifiedTaxRegistration").text("ID", seller.tax_id, schemeID=scheme)  # BT-31, BT-32

    def _settlement(self, node: Node, bill: Bill) -> None:
        node.text("PaymentReference", bill.number)  # BT-83
        if bill.tax_home is not None and bill.tax_home.currency != bill.total.currency:
            node.text("TaxCurrencyCode", bill.tax_home.currency)  # BT-6
        node.text("InvoiceCurrencyCode", bill.total.currency)  # BT-5
        self._means(node.node("SpecifiedTradeSettlementPaymentMeans"), bill)
        for group in bill.taxes:
            _tax(node.node("ApplicableTradeTax"), group)
        _terms(node, bill)
        _totals(node.node("SpecifiedTradeSettlementHeaderMonetarySummation"), bill)
        if bill.reverses:
            reversed_ = node.node("InvoiceReferencedDocument")
            reversed_.text("IssuerAssignedID", bill.reverses)  # BT-25
            reversed_.day("FormattedIssueDateTime", bill.reversed_on, kind="qdt")  # BT-26

    def _means(self, node: Node, bill: Bill) -> None:
        account = self._letterhead.iban if bill.due else None
        transfer = _SEPA if bill.total.currency == "EUR" else _TRANSFER
        node.text("TypeCode", transfer if account else _ONLINE)  # BT-81
        node.text("Information", bill.payment_link if bill.due else None)  # BT-82
        if account:
            node.node("PayeePartyCreditorFinancialAccount").text("IBANID", "".join(account.split()))  # BT-84
            if self._letterhead.bic:
                node.node("PayeeSpecifiedCreditorFinancialInstitution").text("BICID", self._letterhead.bic)  # BT-86


def _document(node: Node, bill: Bill) -> None:
    node.text("ID", bill.number)  # BT-1
    node.text("TypeCode", _TYPE[bill.kind])  # BT-3
    node.day("IssueDateTime", bill.issued_on)  # BT-2
    for note in (bill.reason, bill.notes):
        if note and note.strip():
            node.node("IncludedNote").text("Content", note)  # BT-22


def _line(node: Node, line: BillLine) -> None:
    node.node("AssociatedDocumentLineDocument").text("LineID", str(line.position))  # BT-126
    node.node("SpecifiedTradeProduct").text("Name", line.description)  # BT-153
    price = node.node("SpecifiedLineTradeAgreement").node("NetPriceProductTradePrice")
    price.text("ChargeAmount", f"{line.unit_net.decimal:f}")  # BT-146
    node.node("SpecifiedLineTradeDelivery").text("BilledQuantity", str(line.quantity), unitCode=_ONE)  # BT-129, BT-130
    settlement = node.node("SpecifiedLineTradeSettlement")
    tax = settlement.node("ApplicableTradeTax")
    tax.text("TypeCode", "VAT")
    tax.text("CategoryCode", line.category)  # BT-151
    if line.category != "O":
        tax.text("RateApplicablePercent", percent(line.rate_ppm))  # BT-152
    if line.period:
        span = settlement.node("BillingSpecifiedPeriod")
        span.day("StartDateTime", line.period.start)  # BT-134
        span.day("EndDateTime", line.period.end - timedelta(days=1))  # BT-135, the last day of it
    if line.discount:
        allowance = settlement.node("SpecifiedTradeAllowanceCharge")
        allowance.indicator("ChargeIndicator", value=False)
        allowance.amount("ActualAmount", line.discount)  # BT-136
        allowance.text("ReasonCode", _DISCOUNT)  # BT-140
        allowance.text("Reason", line.discount_note)  # BT-139
    settlement.node("SpecifiedTradeSettlementLineMonetarySummation").amount("LineTotalAmount", line.net)  # BT-131


def _buyer(node: Node, buyer: Buyer, *, outside: bool) -> None:
    vat_id = buyer.tax_id if is_vat_id(buyer.tax_id) and not outside else None
    if buyer.tax_id and not vat_id:
        node.text("ID", buyer.tax_id)  # BT-46: known by it, but not a VAT id
    node.text("Name", buyer.company or buyer.name)  # BT-44
    if buyer.company:
        node.node("DefinedTradeContact").text("PersonName", buyer.name)  # BT-56
    address = node.node("PostalTradeAddress")
    address.text("PostcodeCode", buyer.postal_code)  # BT-53
    address.text("LineOne", buyer.address_line_1)  # BT-50
    address.text("LineTwo", buyer.address_line_2)  # BT-51
    address.text("CityName", buyer.city)  # BT-52
    address.text("CountryID", buyer.country)  # BT-55
    address.text("CountrySubDivisionName", buyer.state)  # BT-54
    node.node("URIUniversalCommunication").text("URIID", buyer.invoice_email or buyer.email, schemeID="EM")  # BT-49
    if vat_id:
        node.node("SpecifiedTaxRegistration").text("ID", vat_id, schemeID="VA")  # BT-48


def _delivery(node: Node, bill: Bill) -> None:
    """Where it is used decides the tax. Within the Union a sale without VAT says when, too (BR-IC-11, BR-IC-12)."""
    node.node("ShipToTradeParty").node("PostalTradeAddress").text("CountryID", bill.buyer.country)  # BT-80
    if any(group.category == "K" for group in bill.taxes):
        node.node("ActualDeliverySupplyChainEvent").day("OccurrenceDateTime", bill.issued_on)  # BT-72


def _tax(node: Node, group: TaxGroup) -> None:
    plain = group.category in _WITHOUT_REASON
    node.amount("CalculatedAmount", group.tax)  # BT-117
    node.text("TypeCode", "VAT")
    node.text("ExemptionReason", None if plain else group.reason)  # BT-120
    node.amount("BasisAmount", group.base)  # BT-116
    node.text("CategoryCode", group.category)  # BT-118
    node.text("ExemptionReasonCode", None if plain else group.exemption_code)  # BT-121
    if group.category != "O":
        node.text("RateApplicablePercent", percent(group.rate_ppm))  # BT-119


def _terms(node: Node, bill: Bill) -> None:
    """When what is due is to be paid (BR-CO-25); a credit note goes to the customer's account."""
    terms = node.node("SpecifiedTradePaymentTerms")
    if bill.kind == "credit_note":
        terms.text("Description", "Credited to the customer's account")  # BT-20
    elif bill.due:
        terms.text("Description", f"Payable by {bill.due_on}" if bill.due_on else "Payable at once")
        terms.day("DueDateDateTime", bill.due_on)  # BT-9
    else:
        terms.text("Description", "Paid")


def _totals(node: Node, bill: Bill) -> None:
    node.amount("LineTotalAmount", bill.net)  # BT-106
    node.amount("TaxBasisTotalAmount", bill.net)  # BT-109
    node.amount("TaxTotalAmount", bill.tax, currencyID=bill.tax.currency)  # BT-110
    if bill.tax_home is not None and bill.tax_home.currency != bill.total.currency:
        node.amount("TaxTotalAmount", bill.tax_home, currencyID=bill.tax_home.currency)  # BT-111
    node.amount("GrandTotalAmount", bill.total)  # BT-112
    if bill.paid:
        node.amount("TotalPrepaidAmount", bill.paid)  # BT-113
    node.amount("DuePayableAmount", bill.total - bill.paid)  # BT-115


def _outside(bill: Bill) -> bool:
    """Outside the scope of VAT no VAT id may be named, of neither side (BR-O-02 to BR-O-04)."""
    return any(group.category == "O" for group in bill.taxes)
