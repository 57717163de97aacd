"""Why a number on an invoice is what it is: its inputs, the rule that was applied, and what was booked. In data, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nextbill.capabilities import ledger, tax
from nextbill.capabilities.invoicing.queries.documents import Invoice, Line, get_invoice
from nextbill.capabilities.invoicing.rules import ADJUSTED, CREDIT_NOTE, INVOICE
from nextbill.kernel.money import Money, Rounding
from nextbill.runtime.database import ReadTx

PERCENT, PPM = 10_000, 1_000_000


@dataclass(frozen=True, slots=True)
class LineReasons:
    """`rule` is None where no rule of ours taxed it. `words` are sentences, from the price to the gross amount."""

    line: Line
    rule: tax.TaxRule | None
    credited: Money
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    invoice: Invoice
    lines: tuple[LineReasons, ...]
    words: tuple[str, ...]
    journals: tuple[ledger.BookedJournal, ...]


async def explain_invoice(tx: ReadTx, invoice_id: UUID) -> Explanation:
    invoice = await get_invoice(tx, invoice_id)
    rules = await tax.get_rules(tx, [line.tax_rule_id for line in invoice.lines if line.tax_rule_id])
    own = await ledger.journals_of(tx, reference_type=INVOICE, reference_ids=[invoice_id])
    notes = await ledger.journals_of(tx, reference_type=CREDIT_NOTE, reference_ids=[note.id for note in invoice.credit_notes])
    lines = tuple(_reasons(line, rules.get(line.tax_rule_id) if line.tax_rule_id else None, invoice) for line in invoice.lines)
    return Explanation(invoice, lines, _of_the_whole(invoice), (*own, *notes))


def _reasons(line: Line, rule: tax.TaxRule | None, invoice: Invoice) -> LineReasons:
    taken = [part.gross for note in invoice.credit_notes for part in note.lines if part.invoice_line_id == line.id]
    credited = Money(sum(amount.minor for amount in taken), line.net.currency)
    words = [_price(line.details, line), _net(line), _taxed(line, rule), f"Together {line.gross}."]
    if credited:
        words.append(f"{credited} of it was taken back by credit notes, at the same rate.")
    return LineReasons(line, rule, credited, tuple(words))


def _price(details: dict[str, Any], line: Line) -> str:
    override = details.get(ADJUSTED)
    if override:
        listed = Money(int(override["list_minor"]), line.net.currency)
        return f"{line.unit_net} instead of {listed}, the list's price (version {details.get('price_version')}): {override['reason']}"
    if details.get("source") == "free":
        reason = details.get("reason")
        return f"{line.unit_net} was written by staff" + (f": {reason}" if reason else ".")
    listed_minor = int(details.get("unit_minor", line.unit_net.minor)) * int(details.get("quantity", line.quantity))
    if listed_minor != line.unit_net.minor * line.quantity:
        listed = Money(listed_minor, line.net.currency)
        return f"The list says {listed}, version {details.get('price_version')}, with the tax in it: {line.unit_net} without."
    if "price_version" in details:
        return f"{line.unit_net} is the price of {details.get('product') or line.description}, version {details['price_version']}."
    return f"{line.unit_net} is the price as it was ordered."


def _net(line: Line) -> str:
    times = f"{line.quantity} × {line.unit_net}"
    return f"{times} less {line.discount} ({line.discount_note}) is {line.net}." if line.discount else f"{times} is {line.net}."


def _taxed(line: Line, rule: tax.TaxRule | None) -> str:
    rate = f"{line.tax_rate_ppm // PERCENT}.{line.tax_rate_ppm % PERCENT:04d}".rstrip("0").rstrip(".")
    if not line.tax_rate_ppm:
        return f"No tax on {line.net}: {line.tax_note}."
    how = f"{rate} % of {line.net} is {line.tax}, {_rounding(line)}"
    if rule is None:
        return f"{how}: {line.tax_note}."
    until = f" until {rule.valid_until.isoformat()}" if rule.valid_until else ""
    where = rule.country + (f", {rule.state}" if rule.state else "")
    return f"{how}, by the rule {rule.name!r} (version {rule.version}) of {where}, in force from {rule.valid_from.isoformat()}{until}."


def _rounding(line: Line) -> str:
    """As it can be told from the numbers: the policy that chose it has versions of its own."""
    if line.tax == line.net.share(line.tax_rate_ppm, PPM, Rounding.HALF_UP):
        return "rounded half up for this line"
    if (
        int(line.details.get("unit_minor", line.unit_net.minor)) * int(line.details.get("quantity", line.quantity))
        != line.unit_net.minor * line.quantity
    ):
        return "which is what of the listed price is not net"
    return "its share of the tax of all lines with this rate, as the policy rounds"


def _of_the_whole(invoice: Invoice) -> tuple[str, ...]:
    paper = invoice.summary
    words = [f"The lines add up to {paper.net} net and {paper.tax} tax: {paper.total}."]
    words += [
        f"{payment.amount} was paid on {payment.applied_on.isoformat()} ({_source(payment.source, payment.method)})." for payment in invoice.payments
    ]
    words += [f"{note.number} took back {note.total} on {note.issued_on.isoformat()}: {note.reason}" for note in invoice.credit_notes]
    if paper.written_off:
        words.append(f"{paper.written_off} was written off.")
    if paper.number:
        words.append(f"{paper.due} is due.")
    return tuple(words)


def _source(source: str, method: str | None) -> str:
    names = {"gateway": "by the payment provider", "credit": "from the customer's credit"}
    return names.get(source) or f"by {(method or source).replace('_', ' ')}"
