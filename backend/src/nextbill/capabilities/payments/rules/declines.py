"""What a bank's decline of a charge means: whether it may be tried again, who has to act, and which word the customer is told.

The codes are the gateway's (docs.stripe.com/declines/codes); which of them must never be tried again follows Visa's first category
(the issuer will never approve) and the gateway's own advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Course = Literal["retry", "customer", "never"]
"""`retry`: by the schedule; `customer`: useless until the customer has done something; `never`: this card is not charged again."""
_STRICTNESS: Final[tuple[Course, ...]] = ("retry", "customer", "never")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is our word. Why a card was blocked is between the bank and the card's holder: the word for it says no more than declined."""

    reason: str
    course: Course


_DECLINED: Final = "bank_declined"
_CODES: Final[Mapping[str, Mapping[Course, tuple[str, ...]]]] = {
    "insufficient_funds": {"retry": ("insufficient_funds",)},
    "limit_reached": {"retry": ("card_velocity_exceeded", "withdrawal_count_limit_exceeded")},
    "bank_unreachable": {
        "retry": ("processing_error", "issuer_not_available", "try_again_later", "reenter_transaction", "approve_with_id", "duplicate_transaction"),
    },
    "confirmation_needed": {
        "customer": (
            "authentication_required",
            "authentication_not_handled",
            "payment_intent_authentication_failure",
            "mobile_device_authentication_required",
            "offline_pin_required",
            "online_or_offline_pin_required",
        ),
    },
    "card_expired": {"customer": ("expired_card", "new_account_information_available")},
    "details_wrong": {
        "customer": (
            "incorrect_number",
            "incorrect_cvc",
            "invalid_cvc",
            "invalid_expiry_month",
            "invalid_expiry_year",
            "incorrect_zip",
            "incorrect_address",
            "incorrect_pin",
            "invalid_pin",
            "pin_try_exceeded",
        ),
    },
    "card_not_supported": {
        "customer": ("card_not_supported", "currency_not_supported", "testmode_decline", "test_mode_live_card"),
        "never": ("transaction_not_allowed", "not_permitted", "service_not_allowed"),
    },
    "card_closed": {"never": ("invalid_account",)},
    "consent_withdrawn": {"never": ("revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order")},
    _DECLINED: {
        "retry": ("generic_decline", "do_not_honor", "call_issuer", "no_action_taken", "security_violation", "card_declined"),
        "never": ("lost_card", "stolen_card", "pickup_card", "restricted_card", "fraudulent", "merchant_blacklist", "do_not_try_again"),
    },
}
_BY_CODE: Final[Mapping[str, Verdict]] = {
    code: Verdict(reason, course) for reason, courses in _CODES.items() for course, codes in courses.items() for code in codes
}
REASONS: Final = tuple(_CODES)
_ADVICE: Final[Mapping[str, Course]] = {"do_not_try_again": "never", "confirm_card_data": "customer"}


def verdict_on(code: str, *, advice: str | None = None) -> Verdict:
    """The stricter of what the code and the bank's advice say. A code that we do not know is a decline like any other."""
    known = _BY_CODE.get(code, Verdict(_DECLINED, "retry"))
    advised = _ADVICE.get(advice or "", "retry")
    return Verdict(known.reason, max(known.course, advised, key=_STRICTNESS.index))
