"""Who may do what: every route names its permission, and every role is tried on every route."""

from __future__ import annotations

import inspect
import secrets
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from nextbill.capabilities import identity
from nextbill.entrypoints.http import create_app
from nextbill.runtime.database import Role
from nextbill.runtime.web import access
from tests.support.buyer import PASSWORD, Buyer, register

OPEN = {
    ("POST", "/api/v1/auth/register"), ("POST", "/api/v1/auth/login"), ("POST", "/api/v1/auth/refresh"), ("POST", "/api/v1/auth/verify-email"),
    ("POST", "/api/v1/auth/session"), ("POST", "/api/v1/auth/session/refresh"), ("DELETE", "/api/v1/auth/session"),
    ("POST", "/api/v1/auth/password/forgot"), ("POST", "/api/v1/auth/password/reset"), ("GET", "/api/v1/company"), ("GET", "/api/v1/plans"), ("GET", "/api/v1/plans/{code}"), ("GET", "/api/v1/tlds"),
    ("POST", "/api/v1/domains/check"), ("POST", "/api/v1/payments/webhook"), ("GET", "/api/v1/payments/return"), ("GET", "/api/v1/payments/methods/return"), ("POST", "/api/v1/hosting/first-login"), ("GET", "/health"), ("GET", "/health/ready"),
    ("GET", "/.well-known/license-keys.json"),
    ("GET", "/api/v1/pay/{token}"), ("POST", "/api/v1/pay/{token}/checkout"),
}  # fmt: skip
"""Routes without a login, read by a person in review. Each has a reason of its own to be open."""

PANEL = {
    ("POST", "/api/v1/licenses/validate"), ("POST", "/api/v1/licenses/reservations"),
    ("POST", "/api/v1/licenses/reservations/{reservation_id}/commit"), ("POST", "/api/v1/licenses/reservations/{reservation_id}/release"),
    ("POST", "/api/v1/usage/update"), ("POST", "/api/v1/usage/batch"), ("GET", "/api/v1/licenses/revocations"),
}  # fmt: skip
"""Routes that panels call with their API key."""


def _routes(app: Any) -> list[tuple[str, str, APIRoute]]:
    found = []

    def walk(routes: Any, prefix: str) -> None:
        for route in routes:
            if isinstance(route, APIRoute):
                found.extend((method, prefix + route.path, route) for method in route.methods or ())
            elif hasattr(route, "original_router"):
                context = getattr(route, "include_context", None)
                walk(route.original_router.routes, prefix + getattr(context, "prefix", ""))

    walk(app.routes, "")
    return found


def _documented(app: Any) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    ]


def _filled(path: str) -> str:
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + str(uuid4()) + rest.partition("}")[2]
    return path


@pytest.fixture
async def people(shop) -> dict[str, Buyer]:
    """One login of each role."""
    hashed = await identity.hash_password(PASSWORD)
    found = {"customer": await register(shop)}
    async with shop.database.writing(Role.WORK) as tx:
        for role in ("support", "billing", "admin"):
            await identity.create_admin(tx, email=f"{role}@staff.example.com", password_hash=hashed, role=role, now=shop.clock.now())
    for role in ("support", "billing", "admin"):
        email = f"{role}@staff.example.com"
        token = (await shop.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})).json()["access_token"]
        found[role] = Buyer(shop, email, token)
    return found


async def test_without_a_login_only_the_open_routes_answer(shop) -> None:
    for method, path in _documented(create_app(shop.wired)):
        if (method, path) in OPEN:
            continue
        answer = await shop.client.request(method, _filled(path), json={} if method != "GET" else None)
        assert answer.status_code == 401, f"{method} {path} answered {answer.status_code} to nobody"


async def test_every_open_route_exists(shop) -> None:
    documented = set(_documented(create_app(shop.wired)))
    assert {entry for entry in OPEN | PANEL if entry not in documented and entry != ("GET", "/api/v1/payments/return")} == set()


async def test_staff_routes_refuse_customers_and_nothing_is_5xx(shop, people: dict[str, Buyer]) -> None:
    """A customer's token opens no staff route, whatever the id; no role gets a 5xx from an empty or strange body."""
    for method, path in _documented(create_app(shop.wired)):
        if "logout" in path:
            continue  # it would end the session that the walk uses
        for role, person in people.items():
            answer = await person.request(method, _filled(path), json={"nonsense": secrets.token_hex(4)} if method != "GET" else None)
            assert answer.status_code < 500, f"{role} {method} {path}: {answer.text}"
            if "/admin/" in path or "/nextpanel/" in path:
                if role == "customer":
                    assert answer.status_code == 403, f"customer {method} {path}: {answer.status_code}"
            if (method, path) in PANEL:
                assert answer.status_code == 401


async def test_a_cookie_changes_nothing_from_another_site(shop, people: dict[str, Buyer]) -> None:
    """Every route that is not open, as the one who may do the most: refused before anything is looked at."""
    entered = {"Cookie": f"np_at={people['admin'].token}", "Sec-Fetch-Site": "cross-site"}
    walked = 0
    for method, path in _documented(create_app(shop.wired)):
        if method == "GET" or (method, path) in OPEN | PANEL:
            continue
        answer = await shop.client.request(method, _filled(path), json={}, headers=entered)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request"), f"{method} {path}: {answer.text}"
        walked += 1
    assert walked > 25
    assert (await shop.client.get("/api/v1/auth/me", headers=entered)).json()["role"] == "admin"


async def test_refusals_of_cookies_are_described(shop) -> None:
    paths = create_app(shop.wired).openapi()["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            takes_a_cookie = any("APIKeyCookie" in way for way in operation.get("security", []))
            told = "cross_site_request" in operation["responses"].get("403", {}).get("description", "")
            opens_or_ends = path in ("/api/v1/auth/session", "/api/v1/auth/session/refresh")
            assert told == (opens_or_ends or (takes_a_cookie and method != "get")), f"{method} {path}"


def test_permissions_named_by_routes_exist(shop) -> None:
    """A typo in `needs(…)` would lock everybody out in silence."""
    known = set().union(*identity.PERMISSIONS.values())
    named = set()

    def walk(dependant: Any) -> None:
        call = getattr(dependant, "call", None)
        if isinstance(call, access._Needs):
            named.add(call.permission)
        for inner in dependant.dependencies:
            walk(inner)

    routes = _routes(create_app(shop.wired))
    for _method, _path, route in routes:
        walk(route.dependant)
    assert len(routes) > 40
    assert named
    assert named <= known


def test_nothing_of_a_route_runs_in_a_thread(shop) -> None:
    """A plain function among a route's dependencies is sent to a thread for each request, which costs more than the whole of most of them does."""
    plain: set[str] = set()

    def walk(dependant: Any, where: str) -> None:
        call = dependant.call
        if inspect.isfunction(call) and not (inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)):
            plain.add(f"{call.__module__}.{call.__qualname__} of {where}")
        for inner in dependant.dependencies:
            walk(inner, where)

    for method, path, route in _routes(create_app(shop.wired)):
        walk(route.dependant, f"{method} {path}")
    assert plain == set()
