"""Checkout Sessions over the API. Payment mode with inline prices, and setup mode; subscriptions are refused openly."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import checkout, customers, money, setups
from nextbill_simulators.stripe.errors import StripeError, invalid, missing, no_such
from nextbill_simulators.stripe.form import INTEGER, METADATA, RANGE, TEXT, Tree
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = checkout.KIND
SHORTEST, LONGEST = 30 * 60, 24 * 3600
PRODUCT = {"name!": TEXT, "description": TEXT, "metadata": METADATA, "images": [TEXT], "tax_code": TEXT}
PRICE: dict[str, Any] = {
    "currency!": TEXT,
    "unit_amount": INTEGER,
    "product_data": PRODUCT,
    "product": TEXT,
    "tax_behavior": ("exclusive", "inclusive", "unspecified"),
}
INTENT: dict[str, Any] = {
    "metadata": METADATA,
    "description": TEXT,
    "setup_future_usage": ("off_session", "on_session"),
    "receipt_email": TEXT,
    "statement_descriptor": TEXT,
    "statement_descriptor_suffix": TEXT,
    "capture_method": ("automatic", "automatic_async"),
}
CREATE: dict[str, Any] = {
    "mode!": ("payment", "setup", "subscription"),
    "ui_mode": ("hosted_page", "embedded_page", "elements", "form"),
    "success_url": TEXT,
    "cancel_url": TEXT,
    "client_reference_id": TEXT,
    "customer": TEXT,
    "customer_email": TEXT,
    "currency": TEXT,
    "line_items": [{"price": TEXT, "price_data": PRICE, "quantity": INTEGER, "metadata": METADATA}],
    "metadata": METADATA,
    "expires_at": INTEGER,
    "payment_intent_data": INTENT,
    "setup_intent_data": {"metadata": METADATA, "description": TEXT},
    "allowed_payment_method_types": [("card",)],
    "locale": TEXT,
    "submit_type": ("auto", "book", "donate", "pay", "subscribe"),
    "customer_creation": ("always", "if_required"),
    "billing_address_collection": ("auto", "required"),
    "automatic_tax": {"enabled!": ("false",)},
    "origin_context": ("web", "mobile_app"),
}


def _create(call: Call) -> Document:
    sandbox, params = call.sandbox, call.params
    refusal = _unsupported(params)
    if refusal:
        raise refusal
    items = _line_items(sandbox, params.get("line_items") or [])
    customer = customers.living(sandbox, params["customer"], param="customer") if "customer" in params else None
    if customer and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", param="customer_email")
    key = new_id("cs_test", 58)
    asked = _saved(sandbox, params) if params["mode"] == "setup" else _priced(items)
    facts = {**asked, "expires_at": _expiry(sandbox, params)}
    session = {**_blank(params), **facts, "id": key, "created": sandbox.now(), "url": f"{sandbox.base_url}/c/pay/{key}"}
    if session["setup_intent"]:
        sandbox.keep_private(setups.KIND, session["setup_intent"], session=key)
    sandbox.keep_private(
        KIND, key, line_items=items, payment_intent_data=params.get("payment_intent_data", {}), customer_name=(customer or {}).get("name")
    )
    sandbox.at(session["expires_at"], "expire_session", key)
    return sandbox.save(session)


def _priced(items: list[Document]) -> Document:
    total = sum(item["amount_total"] for item in items)
    money.chargeable(total, items[0]["currency"], param="line_items")
    return {"amount_subtotal": total, "amount_total": total, "currency": items[0]["currency"]}


def _saved(sandbox: Sandbox, params: Tree) -> Document:
    """Nothing is paid on it: its intent is there from the start."""
    intent = setups.create(sandbox, customer=params.get("customer"), **params.get("setup_intent_data", {}))
    nothing = {"amount_subtotal": None, "amount_total": None, "payment_status": "no_payment_required"}
    return {**nothing, "currency": params["currency"].lower(), "setup_intent": intent["id"]}


def _unsupported(params: Tree) -> StripeError | None:
    refusal = _misfit(params)
    if refusal:
        return refusal
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        return invalid(f"The sandbox simulator knows ui_mode=hosted_page only, not {params['ui_mode']}.", param="ui_mode")
    for name in ("success_url", "currency" if params["mode"] == "setup" else "line_items"):
        if not params.get(name):
            return missing(name)
    for name in ("success_url", "cancel_url"):
        if not params.get(name, "https://").startswith(("http://", "https://")):
            return invalid("Not a valid URL", param=name, code="url_invalid")
    if len(params.get("client_reference_id", "")) > 200:
        return invalid("Invalid string; must be at most 200 characters", param="client_reference_id")
    return None


def _misfit(params: Tree) -> StripeError | None:
    """What belongs to another mode."""
    mode = params["mode"]
    if mode == "subscription":
        return invalid("The sandbox simulator knows mode=payment and mode=setup only, not subscription.", param="mode")
    for name in ("line_items", "payment_intent_data", "submit_type") if mode == "setup" else ("setup_intent_data",):
        if name in params:
            return invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    return None


def _expiry(sandbox: Sandbox, params: Tree) -> int:
    now = sandbox.now()
    moment: int = params.get("expires_at", now + LONGEST)
    if moment < now + SHORTEST:
        raise invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at")
    if moment > now + LONGEST:
        raise invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at")
    return moment


def _line_items(sandbox: Sandbox, given: list[Tree]) -> list[Document]:
    items = [_line_item(sandbox, item, f"line_items[{place}]") for place, item in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("The Checkout Session's line items must all use the same currency.", param="line_items")
    return items


def _line_item(sandbox: Sandbox, given: Tree, path: str) -> Document:
    if "price" in given:
        raise no_such("price", given["price"], param=f"{path}[price]")
    price = given.get("price_data")
    if price is None:
        raise missing(f"{path}[price_data]")
    if "product" in price:
        raise no_such("product", price["product"], param=f"{path}[price_data][product]")
    for name in ("unit_amount", "product_data"):
        if name not in price:
            raise missing(f"{path}[price_data][{name}]")
    quantity = given.get("quantity", 1)
    if price["unit_amount"] < 0 or quantity < 1:
        raise invalid("Invalid non-negative integer", param=path, code="parameter_invalid_integer")
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"].lower(),
        "description": price["product_data"]["name"],
        "metadata": given.get("metadata", {}),
        "price": _price(sandbox, price),
        "quantity": quantity,
    }


def _price(sandbox: Sandbox, given: Tree) -> Document:
    return {
        "id": new_id("price"),
        "object": "price",
        **dict.fromkeys(("custom_unit_amount", "lookup_key", "nickname", "recurring", "tiers_mode", "transform_quantity")),
        "active": False,
        "billing_scheme": "per_unit",
        "created": sandbox.now(),
        "currency": given["currency"].lower(),
        "livemode": False,
        "metadata": {},
        "product": new_id("prod", 14),
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "type": "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }


UNUSED = (
    "adaptive_pricing after_expiration allow_promotion_codes client_secret collected_information consent consent_collection currency_conversion "
    "customer_account customer_details integration_identifier invoice managed_payments payment_intent payment_link "
    "payment_method_configuration_details permissions recovered_from saved_payment_method_options setup_intent shipping_address_collection "
    "shipping_cost subscription wallet_options"
)
GIVEN = (
    "allowed_payment_method_types billing_address_collection cancel_url client_reference_id customer customer_email locale origin_context "
    "submit_type success_url"
)
INVOICE_DATA = ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")


def _blank(params: Tree) -> Document:
    return {
        "object": KIND,
        **dict.fromkeys(UNUSED.split()),
        **{name: params.get(name) for name in GIVEN.split()},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required"),
        "discounts": [],
        "invoice_creation": {"enabled": False, "invoice_data": {**dict.fromkeys(INVOICE_DATA), "metadata": {}}},
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "mode": params["mode"],
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _update(call: Call) -> Document:
    session = _retrieve(call)
    session["metadata"] = {key: value for key, value in {**session["metadata"], **call.params.get("metadata", {})}.items() if value != ""}
    return call.sandbox.save(session)


def _expire(call: Call) -> Document:
    return checkout.expire(call.sandbox, _retrieve(call))


def _items(call: Call) -> Document:
    key = _retrieve(call)["id"]
    stored = call.sandbox.private(KIND, key)["line_items"]
    return page(stored[::-1], call.params, url=f"/v1/checkout/sessions/{key}/line_items", noun="line item")


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("customer", "payment_intent", "status") if name in params}
    found = [session for session in call.sandbox.store.find(KIND, **same) if within(session["created"], params.get("created"))]
    if "customer_details" in params:
        wanted = params["customer_details"]["email"]
        found = [session for session in found if (session["customer_details"] or {}).get("email") == wanted]
    return page(found, params, url="/v1/checkout/sessions", noun=KIND)


FILTERS: dict[str, Any] = {"customer": TEXT, "payment_intent": TEXT, "status": ("open", "complete", "expired"), "customer_details": {"email!": TEXT}}
OPERATIONS = (
    Operation("POST", "/v1/checkout/sessions", _create, CREATE),
    Operation("GET", "/v1/checkout/sessions", _list, {**PAGING, **FILTERS, "created": RANGE}),
    Operation("GET", "/v1/checkout/sessions/{id}", _retrieve),
    Operation("POST", "/v1/checkout/sessions/{id}", _update, {"metadata": METADATA}),
    Operation("POST", "/v1/checkout/sessions/{id}/expire", _expire),
    Operation("GET", "/v1/checkout/sessions/{id}/line_items", _items, PAGING),
)
