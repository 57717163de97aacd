"""What the payer typed, read leniently in form and strictly in sense."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from nextbill_simulators.stripe import cards


@dataclass
class Refusal:
    code: str
    message: str


@dataclass
class CardForm:
    """`expiry` is (month, year with century), None when not given."""

    number: str = ""
    expiry: tuple[int, int] | None = None
    name: str = ""
    email: str = ""
    submitted: bool = False


def read_form(fields: dict[str, str], *, today: date) -> tuple[CardForm, Refusal | None]:
    number = re.sub(r"[\s-]", "", fields.get("test_card") or fields.get("card_number", ""))
    form = CardForm(number=number, name=fields.get("name", "").strip(), email=fields.get("email", "").strip(), submitted=True)
    picked = "test_card" in fields
    if not cards.plausible(number):
        return form, Refusal("incorrect_number", "Your card number is incorrect.")
    written = "" if picked else fields.get("exp", "").strip()
    if written:
        form.expiry = _expiry(written)
        refusal = _expiry_refusal(form.expiry, today)
        if refusal:
            return form, refusal
    cvc = "" if picked else fields.get("cvc", "").strip()
    if cvc and not re.fullmatch(r"\d{3,4}", cvc, re.ASCII):
        return form, Refusal("invalid_cvc", "Your card's security code is invalid.")
    return form, None


def _expiry(written: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,2})\s*[/-]\s*(\d{2}|\d{4})", written, re.ASCII)
    if not found:
        return None
    year = int(found.group(2))
    return int(found.group(1)), year if year > 99 else 2000 + year


def _expiry_refusal(expiry: tuple[int, int] | None, today: date) -> Refusal | None:
    if expiry is None or not 1 <= expiry[0] <= 12:
        return Refusal("invalid_expiry_month", "Your card's expiration month is invalid.")
    if (expiry[1], expiry[0]) < (today.year, today.month):
        return Refusal("invalid_expiry_year", "Your card's expiration year is invalid.")
    return None
