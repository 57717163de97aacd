"""The contract: the committed document is what the API says, and the operations that must exist do."""

from __future__ import annotations

import json

import jsonschema

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.http.documented import OPERATIONS
from nextbill.entrypoints.cli.system import OPENAPI
from nextbill.entrypoints.http import create_app
from nextbill.runtime.database import Role
from nextbill.runtime.web.table import BODY_BYTES_MAX
from tests.support.shop import Shop

PRESENT = """
POST /api/v1/domains/check
GET /api/v1/domains/
GET /api/v1/domains/{domain_id}
POST /api/v1/payments/intent
POST /api/v1/payments/{payment_id}/confirm
GET /api/v1/payments/
GET /api/v1/payments/{payment_id}
POST /api/v1/payments/{payment_id}/refund
POST /api/v1/payments/webhook
GET /api/v1/payments/stats/summary
GET /api/v1/subscriptions/
GET /api/v1/subscriptions/{subscription_id}
POST /api/v1/subscriptions/
PUT /api/v1/subscriptions/{subscription_id}
POST /api/v1/subscriptions/{subscription_id}/cancel
POST /api/v1/subscriptions/{subscription_id}/reactivate
GET /api/v1/invoices/
GET /api/v1/invoices/{invoice_id}
POST /api/v1/invoices/{invoice_id}/void
GET /api/v1/invoices/stats/summary
GET /api/v1/admin/users
GET /api/v1/admin/users/{user_id}
PUT /api/v1/admin/users/{user_id}
DELETE /api/v1/admin/users/{user_id}
POST /api/v1/notifications/send-test-email
POST /api/v1/licenses/validate
POST /api/v1/nextpanel/servers
GET /api/v1/nextpanel/servers
GET /api/v1/nextpanel/servers/status
POST /api/v1/nextpanel/provision
POST /api/v1/nextpanel/accounts/{account_id}/suspend
POST /api/v1/nextpanel/accounts/{account_id}/unsuspend
DELETE /api/v1/nextpanel/accounts/{account_id}
GET /api/v1/nextpanel/accounts/{account_id}/stats
POST /api/v1/auth/register
POST /api/v1/auth/login
POST /api/v1/auth/refresh
GET /api/v1/auth/me
GET /api/v1/plans
GET /api/v1/licenses
GET /api/v1/licenses/{license_id}
POST /api/v1/orders/{order_id}/pay
GET /health
"""


def _shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.rstrip("/").split("/"))


async def test_the_committed_document_is_what_the_api_says(shop) -> None:
    said = json.loads(json.dumps(create_app(shop.wired).openapi()))
    assert json.loads(OPENAPI.read_text(encoding="utf-8")) == said, "run ./nextbill openapi and look at the difference"


async def test_operations_that_must_exist_do(shop) -> None:
    paths = create_app(shop.wired).openapi()["paths"]
    known = {f"{method.upper()} {_shape(path)}" for path, item in paths.items() for method in item}
    wanted = [line.split() for line in PRESENT.split("\n") if line]
    assert [line for line in wanted if f"{line[0]} {_shape(line[1])}" not in known] == []


async def test_every_operation_has_a_name_of_its_own(shop) -> None:
    paths = create_app(shop.wired).openapi()["paths"]
    names = [operation["operationId"] for item in paths.values() for operation in item.values()]
    assert sorted(names) == sorted(set(names))


async def test_documentation_needs_no_foreign_host(shop) -> None:
    for path in ("/docs", "/redoc"):
        page = await shop.client.get(path)
        assert page.status_code == 200
        assert "https://" not in page.text.replace("https://fastapi.tiangolo.com/img/favicon.png", "x")


async def test_lists_answer_with_and_without_the_last_slash(shop) -> None:
    for path in ("/api/v1/invoices", "/api/v1/domains", "/api/v1/plans", "/api/v1/licenses"):
        with_slash, without = await shop.client.get(f"{path}/"), await shop.client.get(path)
        assert with_slash.status_code == without.status_code in (200, 401)


async def test_the_license_path_is_described_as_it_is_served_and_answers_as_described(shop: Shop) -> None:
    document = create_app(shop.wired).openapi()
    described = {(operation.method.upper(), operation.path) for operation in OPERATIONS}
    assert {(route.method, route.path) for route in shop.wired.panel_routes} == described
    assert all(method.lower() in document["paths"][path] for method, path in described)
    async with shop.database.writing(Role.WORK) as tx:
        made = await identity.create_panel_key(
            tx, name="p", permissions=identity.PANEL_PERMISSIONS, cipher=shop.cipher, now=shop.clock.now()
        )  # fmt: skip
    proof = {"X-API-Key": made.key_id, "X-API-Secret": made.secret}
    unknown = {"license_key": "NP-2222-2222-2222", "feature": "create_database"}
    asked = [
        ("POST", "/api/v1/licenses/validate", unknown),
        ("POST", "/api/v1/licenses/validate", {"nonsense": True}),
        ("POST", "/api/v1/licenses/reservations", {"license_key": "NP-2222-2222-2222", "resource": "databases", "external_id": "x"}),
        ("POST", "/api/v1/usage/batch", {"events": [{"license_key": "NP-2", "resource": "d", "action": "created", "event_id": "e"}]}),
        ("GET", "/api/v1/licenses/revocations", None),
        ("GET", "/.well-known/license-keys.json", None),
    ]
    for method, path, body in asked:
        answer = await shop.client.request(method, path, json=body, headers=proof)
        operation = document["paths"][path][method.lower()]
        (content,) = operation["responses"][str(answer.status_code)]["content"].values()
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
        assert answer.headers["date"].endswith("GMT")


async def test_what_the_license_path_says_of_large_bodies_and_unchanged_lists_is_described(shop: Shop) -> None:
    paths = create_app(shop.wired).openapi()["paths"]
    for route in shop.wired.panel_routes:
        told = paths[route.path][route.method.lower()]
        if "requestBody" in told:
            answer = await shop.client.request(route.method, route.path, content=b" " * (BODY_BYTES_MAX + 1))
            assert list(told["responses"]["413"]["content"]) == [answer.headers["content-type"]]
            assert answer.json()["code"] in next(iter(told["responses"]["413"]["content"].values()))["examples"]
    first = await shop.client.get("/.well-known/license-keys.json")
    again = await shop.client.get("/.well-known/license-keys.json", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert "content" not in paths["/.well-known/license-keys.json"]["get"]["responses"]["304"]
    assert "content" not in paths["/api/v1/licenses/revocations"]["get"]["responses"]["304"]
