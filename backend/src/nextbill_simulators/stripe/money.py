"""Integer minor units: exponents, minimum charges and fees as docs.stripe.com/currencies states them."""

from __future__ import annotations

from nextbill_simulators.stripe.errors import StripeError, invalid

ZERO_DECIMAL = frozenset(["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"])
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
MINIMUM = {
    "usd": 50,
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
}
LARGEST = 99_999_999
DISPUTE_FEE = 1500


def shown(amount: int, currency: str) -> str:
    if currency in ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    places = 3 if currency in THREE_DECIMAL else 2
    whole, rest = divmod(amount, 10**places)
    return f"{whole:,}.{rest:0{places}d} {currency.upper()}"


def fee(amount: int) -> int:
    """2.9 % rounded half up, plus 30 minor units."""
    return (amount * 29 + 500) // 1000 + 30


def chargeable(amount: int, currency: str, *, param: str = "amount") -> None:
    refusal = _objection(amount, currency, param)
    if refusal:
        raise refusal


def _objection(amount: int, currency: str, param: str) -> StripeError | None:
    if len(currency) != 3 or not currency.isalpha() or not currency.islower():
        return invalid(f"Invalid currency: {currency}", param="currency")
    if amount < 1:
        return invalid("This value must be greater than or equal to 1.", param=param, code="parameter_invalid_integer")
    if amount > LARGEST:
        return invalid(f"Amount must be no more than {shown(LARGEST, currency)}", param=param, code="amount_too_large")
    if amount < MINIMUM.get(currency, 1):
        return invalid(f"Amount must be at least {shown(MINIMUM[currency], currency)}", param=param, code="amount_too_small")
    if currency in THREE_DECIMAL and amount % 10:
        return invalid("Amounts in three-decimal currencies must end in 0.", param=param)
    return None
