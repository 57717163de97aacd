"""Webhook endpoints: where events go, and the secret each is signed with."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe.errors import invalid
from nextbill_simulators.stripe.form import FLAG, METADATA, TEXT, merged_metadata
from nextbill_simulators.stripe.paging import PAGING, page
from nextbill_simulators.stripe.sandbox import API_VERSION, Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "webhook_endpoint"
DEFAULT = "we_sandboxdefault"


def ensure_default(sandbox: Sandbox) -> None:
    """The endpoint of the options `webhook_url` and `webhook_secret`; follows them over restarts, stays away once deleted."""
    url, secret = sandbox.option("webhook_url"), sandbox.option("webhook_secret")
    facts = {"id": DEFAULT, "url": url, "secret": secret}
    if not url or sandbox.store.get("default_endpoint", DEFAULT) == facts:
        return
    if not secret:
        raise ValueError("The option webhook_secret is missing: an unsigned webhook would prove nothing.")
    sandbox.store.put("default_endpoint", DEFAULT, facts)
    _register(sandbox, DEFAULT, url=url, secret=secret, enabled_events=["*"])


def _register(sandbox: Sandbox, key: str, *, url: str, secret: str, **facts: Any) -> Document:
    endpoint = {
        "id": key,
        "object": KIND,
        "api_version": API_VERSION,
        "application": None,
        "created": sandbox.now(),
        "description": None,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        **facts,
    }
    sandbox.keep_private(KIND, key, secret=secret)
    return sandbox.save(endpoint)


def covers(pattern: str, kind: str) -> bool:
    """`*`, `charge.*` or an exact type."""
    return pattern in ("*", kind) or (pattern.endswith(".*") and kind.startswith(pattern[:-1]))


def wanting(sandbox: Sandbox, kind: str) -> list[Document]:
    ensure_default(sandbox)
    enabled = sandbox.store.find(KIND, status="enabled")
    return [endpoint for endpoint in enabled if any(covers(pattern, kind) for pattern in endpoint["enabled_events"])]


def secret_of(sandbox: Sandbox, key: str) -> str:
    return str(sandbox.private(KIND, key)["secret"])


def _create(call: Call) -> Document:
    params = call.params
    if not params["url"].startswith(("http://", "https://")):
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid")
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {params['api_version']}", param="api_version")
    facts = {"enabled_events": params["enabled_events"], "description": params.get("description"), "metadata": params.get("metadata", {})}
    secret = new_id("whsec", 32)
    return {**_register(call.sandbox, new_id("we"), url=params["url"], secret=secret, **facts), "secret": secret}


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _update(call: Call) -> Document:
    endpoint, params = _retrieve(call), call.params
    endpoint |= {name: params[name] for name in ("url", "enabled_events", "description") if name in params}
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged_metadata(endpoint["metadata"], params.get("metadata", {}))
    return call.sandbox.save(endpoint)


def _delete(call: Call) -> Document:
    endpoint = _retrieve(call)
    call.sandbox.store.delete(KIND, endpoint["id"])
    for waiting in call.sandbox.store.find("outbox", endpoint=endpoint["id"]):
        call.sandbox.store.delete("outbox", waiting["id"])
    return {"id": endpoint["id"], "object": KIND, "deleted": True}


def _list(call: Call) -> Document:
    return page(call.sandbox.store.find(KIND), call.params, url="/v1/webhook_endpoints", noun="webhook endpoint")


CREATE = {"url!": TEXT, "enabled_events!": [TEXT], "description": TEXT, "metadata": METADATA, "api_version": TEXT}
UPDATE = {"url": TEXT, "enabled_events": [TEXT], "description": TEXT, "metadata": METADATA, "disabled": FLAG}
OPERATIONS = (
    Operation("POST", "/v1/webhook_endpoints", _create, CREATE),
    Operation("GET", "/v1/webhook_endpoints", _list, PAGING),
    Operation("GET", "/v1/webhook_endpoints/{id}", _retrieve),
    Operation("POST", "/v1/webhook_endpoints/{id}", _update, UPDATE),
    Operation("DELETE", "/v1/webhook_endpoints/{id}", _delete),
)
