"""The hosted checkout's life: open, paid (perhaps after a challenge), or expired by the shared clock."""

from __future__ import annotations

from urllib.parse import quote

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import events, intents, methods, setups
from nextbill_simulators.stripe.cards import TestCard
from nextbill_simulators.stripe.errors import StripeError, refused
from nextbill_simulators.stripe.sandbox import Sandbox

KIND = "checkout.session"


def pay(
    sandbox: Sandbox, session: Document, card: TestCard, *, expiry: tuple[int, int] | None, name: str | None, email: str | None
) -> StripeError | None:
    """One submit of the page. None: paid, or the intent waits for its challenge; else the decline. The session stays open for another try."""
    email = email or session["customer_email"]
    method = methods.make(sandbox, card, expiry=expiry, name=name, email=email)
    sandbox.keep_private(KIND, session["id"], payer={"name": name, "email": email})
    if session["mode"] == "setup":
        intent = sandbox.load(setups.KIND, session["setup_intent"])
        error = setups.confirm(sandbox, intent, method, return_url=landing(session))
        complete_if_paid(sandbox, session, intent)
        return error
    intent = _intent(sandbox, session)
    error = intents.confirm(sandbox, intent, method, return_url=landing(session))
    complete_if_paid(sandbox, session, intent)
    return error


def _intent(sandbox: Sandbox, session: Document) -> Document:
    """Made at the first submit, used again after a decline."""
    if session["payment_intent"]:
        return sandbox.load(intents.KIND, session["payment_intent"])
    wishes = sandbox.private(KIND, session["id"])["payment_intent_data"]
    intent = intents.create(sandbox, amount=session["amount_total"], currency=session["currency"], customer=session["customer"], **wishes)
    sandbox.keep_private(intents.KIND, intent["id"], session=session["id"])
    session["payment_intent"] = intent["id"]
    sandbox.save(session)
    return intent


def complete_if_paid(sandbox: Sandbox, session: Document, intent: Document) -> None:
    if intent["status"] != "succeeded" or session["status"] != "open":
        return
    payer = sandbox.private(KIND, session["id"])["payer"]
    details = {
        **dict.fromkeys(("address", "business_name", "individual_name", "phone")),
        "email": payer["email"] or _email_of(sandbox, session["customer"]),
        "name": payer["name"],
        "tax_exempt": "none",
        "tax_ids": [],
    }
    paid = {} if session["mode"] == "setup" else {"payment_status": "paid"}
    session |= {"status": "complete", "url": None, "customer_details": details, **paid}
    sandbox.save(session)
    events.emit(sandbox, "checkout.session.completed", session)


def _email_of(sandbox: Sandbox, customer: str | None) -> str | None:
    return (sandbox.store.get("customer", customer) or {}).get("email") if customer else None


def challenged(sandbox: Sandbox, intent: Document, *, approved: bool) -> StripeError | None:
    """The answer given on the challenge page; completes the session the intent belongs to, if any."""
    answer = setups.authenticate if intent["object"] == setups.KIND else intents.authenticate
    error = answer(sandbox, intent, approved=approved)
    session = session_of(sandbox, intent)
    if session:
        complete_if_paid(sandbox, session, intent)
    return error


def session_of(sandbox: Sandbox, intent: Document) -> Document | None:
    key = sandbox.private(intent["object"], intent["id"]).get("session")
    return sandbox.store.get(KIND, key) if key else None


def landing(session: Document) -> str:
    """The success URL with the session's id filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))


def expire(sandbox: Sandbox, session: Document) -> Document:
    if session["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
        raise refused(f"{message} This Checkout Session has a status of `{session['status']}`.")
    session |= {"status": "expired", "url": None}
    sandbox.save(session)
    if session["setup_intent"]:
        setups.cancel(sandbox, sandbox.load(setups.KIND, session["setup_intent"]))
    if session["payment_intent"]:
        intents.cancel(sandbox, sandbox.load(intents.KIND, session["payment_intent"]), reason="expired")
    events.emit(sandbox, "checkout.session.expired", session)
    return session


def expire_if_open(sandbox: Sandbox, key: str) -> None:
    session = sandbox.load(KIND, key)
    if session["status"] == "open":
        expire(sandbox, session)
