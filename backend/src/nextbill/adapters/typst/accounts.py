"""Receipt and statement of account as sheets."""

from __future__ import annotations

from nextbill.adapters.typst.sheet import Sheet, blank, column
from nextbill.adapters.typst.words import Tongue
from nextbill.capabilities.invoicing.ports import Letterhead, Movement, Receipt, Statement


def receipt_sheet(receipt: Receipt, tongue: Tongue, letterhead: Letterhead) -> Sheet:
    sheet = blank(tongue, title="receipt", number=receipt.number, seller=receipt.seller, buyer=receipt.buyer, letterhead=letterhead)
    method = receipt.method if tongue.has("methods", receipt.method) else "other"
    facts = {
        "number": receipt.number,
        "received_on": tongue.day(receipt.received_on),
        "method": tongue.say("methods", method),
        "reference": receipt.reference,
    }
    sheet["facts"] = [[tongue.say("facts", name), value] for name, value in facts.items() if value]
    if receipt.documents:
        sheet["columns"] = [column(tongue.say("columns", "document"), wide=True), column(tongue.say("columns", "document_total"), number=True)]
        sheet["rows"] = [{"cells": [number, tongue.money(total)], "notes": [], "sum": ""} for number, total in receipt.documents]
    sheet["totals"], sheet["strong"] = [[tongue.say("totals", "received"), tongue.money(receipt.amount)]], [0]
    sheet["paragraphs"] = [tongue.say("text", "receipt")]
    return sheet


def statement_sheet(statement: Statement, tongue: Tongue, letterhead: Letterhead) -> Sheet:
    sheet = blank(tongue, title="statement", number="", seller=statement.seller, buyer=statement.buyer, letterhead=letterhead)
    start, end = tongue.day(statement.start), tongue.day(statement.end)
    sheet["facts"] = [
        [tongue.say("facts", "issued_on"), tongue.day(statement.made_on)],
        [tongue.say("facts", "period"), f"{start} – {end}"],
        [tongue.say("facts", "currency"), statement.opening.currency],
    ]
    sheet["columns"] = [
        column(tongue.say("columns", "date")),
        column(tongue.say("columns", "document"), wide=True),
        *(column(tongue.say("columns", name), number=True) for name in ("charge", "balance")),
    ]
    opening = ["", tongue.say("totals", "opening", day=start), "", tongue.money(statement.opening)]
    sheet["rows"] = [{"cells": opening, "notes": [], "sum": tongue.money(statement.opening)}]
    for movement in statement.movements:
        balance = tongue.money(movement.balance)
        cells = [tongue.day(movement.on), _named(movement, tongue), tongue.money(movement.amount), balance]
        sheet["rows"].append({"cells": cells, "notes": [], "sum": balance})
    sheet["totals"], sheet["strong"] = [[tongue.say("totals", "closing", day=end), tongue.money(statement.closing)]], [0]
    sheet["paragraphs"] = [*([] if statement.movements else [tongue.say("text", "nothing")]), tongue.say("text", "owed")]
    return sheet


def _named(movement: Movement, tongue: Tongue) -> str:
    kind = movement.kind if tongue.has("movements", movement.kind) else "other"
    return tongue.say("movements", kind, number=movement.number).strip()
