"""The test cards of docs.stripe.com/testing, by number and by `pm_card_…` template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Challenge = Literal["never", "always", "unless_set_up"]
RefundFate = Literal["succeeds", "fails", "pends"]


@dataclass(frozen=True)
class Decline:
    """`code` is what the error carries; `reason` is the issuer's decline_code."""

    code: str
    reason: str
    message: str = "Your card was declined."
    advice: str | None = "try_again_later"


@dataclass(frozen=True)
class TestCard:
    """How a card behaves: which decline, which challenge, what becomes of refunds."""

    __test__ = False

    number: str
    template: str
    title: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    attachable: bool = True
    challenge: Challenge = "never"
    set_up: bool = False
    disputed: bool = False
    refunds: RefundFate = "succeeds"


GENERIC = Decline("card_declined", "generic_decline")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
VELOCITY = Decline(
    "card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data")
BAD_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data")
PROCESSING = Decline("processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit.")
UNAUTHENTICATED = Decline(
    "authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.", "confirm_card_data"
)
NOT_A_TEST_CARD = Decline(
    "card_declined", "test_mode_live_card", "Your card was declined. Your request was in test mode, but used a non test card.", "do_not_try_again"
)

CARDS = (
    TestCard("4242424242424242", "pm_card_visa", "Visa, succeeds"),
    TestCard("4000056655665556", "pm_card_visa_debit", "Visa debit, succeeds", funding="debit"),
    TestCard("5555555555554444", "pm_card_mastercard", "Mastercard, succeeds", brand="mastercard"),
    TestCard("378282246310005", "pm_card_amex", "American Express, succeeds", brand="amex"),
    TestCard("4000002760003184", "pm_card_authenticationRequired", "Asks for 3-D Secure every time", challenge="always"),
    TestCard("4000002500003155", "pm_card_authenticationRequiredOnSetup", "Asks for 3-D Secure until it is set up", challenge="unless_set_up"),
    TestCard(
        "4000003800000446",
        "pm_card_authenticationRequiredSetupForOffSession",
        "Already set up for off-session use",
        challenge="unless_set_up",
        set_up=True,
    ),
    TestCard(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "3-D Secure, then insufficient funds",
        challenge="always",
        decline=INSUFFICIENT,
    ),
    TestCard("4000000000000002", "pm_card_chargeDeclined", "Declined", decline=GENERIC, attachable=False),
    TestCard("4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "Insufficient funds", decline=INSUFFICIENT, attachable=False),
    TestCard(
        "4000000000009987",
        "pm_card_chargeDeclinedLostCard",
        "Lost card",
        decline=Decline("card_declined", "lost_card", advice="do_not_try_again"),
        attachable=False,
    ),
    TestCard(
        "4000000000009979",
        "pm_card_chargeDeclinedStolenCard",
        "Stolen card",
        decline=Decline("card_declined", "stolen_card", advice="do_not_try_again"),
        attachable=False,
    ),
    TestCard("4000000000006975", "pm_card_chargeDeclinedVelocityLimitExceeded", "Velocity limit exceeded", decline=VELOCITY, attachable=False),
    TestCard("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "Expired card", decline=EXPIRED, attachable=False),
    TestCard("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "Incorrect CVC", decline=BAD_CVC, attachable=False),
    TestCard("4000000000000119", "pm_card_chargeDeclinedProcessingError", "Processing error", decline=PROCESSING, attachable=False),
    TestCard("4000000000000341", "pm_card_chargeCustomerFail", "Can be saved, every charge declines", decline=GENERIC),
    TestCard("4000000000000259", "pm_card_createDispute", "Succeeds, then is disputed", disputed=True),
    TestCard("4000000000005126", "pm_card_refundFail", "Succeeds, refunds fail later", refunds="fails"),
    TestCard("4000000000007726", "pm_card_pendingRefund", "Succeeds, refunds stay pending first", refunds="pends"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TEMPLATE = {card.template: card for card in CARDS}


def by_template(name: str) -> TestCard | None:
    """Both spellings: pm_card_chargeDeclined… and pm_card_visa_chargeDeclined…."""
    return BY_TEMPLATE.get(name) or BY_TEMPLATE.get(name.replace("pm_card_visa_", "pm_card_", 1))


def by_number(number: str) -> TestCard:
    """A card that isn't a test card is declined as Stripe declines a real one in test mode."""
    return BY_NUMBER.get(number) or TestCard(number, "", "Not a test card", brand="unknown", decline=NOT_A_TEST_CARD, attachable=False)


def plausible(number: str) -> bool:
    """Luhn's check over 12 to 19 digits."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    doubled = [int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
