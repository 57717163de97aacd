"""Proforma, invoice and credit note as sheets."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

from nextbill.adapters.typst.sheet import Column, Payment, Row, Sheet, blank, column, qr_code
from nextbill.adapters.typst.words import Tongue
from nextbill.capabilities.invoicing.ports import Bill, BillLine, Letterhead, TaxGroup

_DAY = timedelta(days=1)


def bill_sheet(bill: Bill, tongue: Tongue, letterhead: Letterhead) -> Sheet:
    sheet = blank(tongue, title=bill.kind, number=bill.number, seller=bill.seller, buyer=bill.buyer, letterhead=letterhead)
    sheet["facts"] = _facts(bill, tongue)
    sheet["columns"] = _columns(tongue)
    sums = list(accumulate((line.net for line in bill.lines), lambda left, right: left + right))
    sheet["rows"] = [_row(line, tongue, tongue.money(carried)) for line, carried in zip(bill.lines, sums, strict=True)]
    sheet["totals"], sheet["strong"] = _totals(bill, tongue)
    sheet["tax_columns"] = tongue.group("columns", "group", "base", "group_tax")
    sheet["taxes"] = [_tax(group, tongue) for group in bill.taxes]
    sheet["paragraphs"] = _paragraphs(bill, tongue)
    sheet["payment"] = _payment(bill, tongue, letterhead)
    return sheet


def _facts(bill: Bill, tongue: Tongue) -> list[list[str]]:
    values = {
        "number": bill.number,
        "issued_on": tongue.day(bill.issued_on),
        "due_on": tongue.day(bill.due_on) if bill.due_on and bill.due else None,
        "reverses": bill.reverses,
        "buyer_tax_id": bill.buyer.tax_id,
        "buyer_reference": bill.buyer_reference,
        "order_number": bill.order_number,
    }
    return [[tongue.say("facts", name), value] for name, value in values.items() if value]


def _columns(tongue: Tongue) -> list[Column]:
    names = ("position", "description", "quantity", "unit", "tax", "amount")
    return [column(tongue.say("columns", name), number=name not in ("position", "description"), wide=name == "description") for name in names]


def _row(line: BillLine, tongue: Tongue, carried: str) -> Row:
    notes = []
    if line.period:
        notes.append(tongue.say("lines", "period", start=tongue.day(line.period.start), end=tongue.day(line.period.end - _DAY)))
    if line.discount:
        notes.append(tongue.say("lines", "discount", amount=tongue.money(line.discount), note=line.discount_note or ""))
    cells = [
        str(line.position),
        line.description,
        tongue.count(line.quantity),
        tongue.money(line.unit_net),
        _rate(line.category, line.rate_ppm, tongue),
        tongue.money(line.net),
    ]
    return {"cells": cells, "notes": notes, "sum": carried}


def _rate(category: str, rate_ppm: int, tongue: Tongue) -> str:
    return "–" if category == "O" else tongue.say("groups", "other", rate=tongue.percent(rate_ppm))


def _tax(group: TaxGroup, tongue: Tongue) -> list[str]:
    named = tongue.say("groups", "O") if group.category == "O" else tongue.say("groups", "other", rate=tongue.percent(group.rate_ppm))
    why = group.reason if group.category not in ("S", "Z") and group.reason != named else ""
    return [f"{named} · {why}" if why else named, tongue.money(group.base), tongue.money(group.tax)]


def _totals(bill: Bill, tongue: Tongue) -> tuple[list[list[str]], list[int]]:
    found = [("net", bill.net), ("tax", bill.tax), ("credited" if bill.kind == "credit_note" else "total", bill.total)]
    if bill.kind == "invoice":
        found += [("paid", -bill.paid), ("due", bill.due)] if bill.paid else []
    strong = [2] if len(found) == 3 else [2, len(found) - 1]
    return [[tongue.say("totals", name), tongue.money(amount)] for name, amount in found], strong


def _paragraphs(bill: Bill, tongue: Tongue) -> list[str]:
    found = []
    if bill.tax_home is not None and bill.tax_home.currency != bill.total.currency:
        found.append(tongue.say("totals", "tax_home", currency=bill.tax_home.currency, amount=tongue.money(bill.tax_home)))
    if bill.reverses and bill.reversed_on:
        found.append(tongue.say("text", "reverses", number=bill.reverses, day=tongue.day(bill.reversed_on)))
    if bill.reason:
        found.append(tongue.say("text", "reason", reason=bill.reason))
    if bill.kind != "invoice" or not bill.due:
        found.append(tongue.say("text", {"invoice": "paid"}.get(bill.kind, bill.kind)))
    return [*found, *(bill.notes or "").splitlines()]


def _payment(bill: Bill, tongue: Tongue, letterhead: Letterhead) -> Payment | None:
    transfer = _transfer(tongue, letterhead)
    if not bill.due or not (bill.payment_link or transfer):
        return None
    link = bill.payment_link
    lines = [*([tongue.say("payment", "online")] if link else []), *transfer, tongue.say("payment", "quote", number=bill.number)]
    return {"heading": tongue.say("payment", "heading"), "lines": lines, "link": link, "code": qr_code(link) if link else None}


def _transfer(tongue: Tongue, letterhead: Letterhead) -> list[str]:
    if not letterhead.iban:
        return []
    grouped = _in_fours(letterhead.iban)
    if letterhead.bic:
        return [tongue.say("payment", "transfer_bic", iban=grouped, bic=letterhead.bic)]
    return [tongue.say("payment", "transfer", iban=grouped)]


def _in_fours(iban: str) -> str:
    plain = "".join(iban.split())
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))
