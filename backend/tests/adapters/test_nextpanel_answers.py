"""The NextPanel adapter against servers that answer strangely: nothing is taken for done, adopted or shown that should not be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from nextbill.adapters.nextpanel import NextPanel
from nextbill.capabilities.hosting.ports import NewAccount, ServerAccess
from nextbill.runtime.outbound import guarded_client
from nextbill.runtime.vendors import VendorRejected, VendorUnknown
from nextbill_simulators.chassis.serving import serve

pytestmark = pytest.mark.asyncio

OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OTHER = UUID("01890a5d-ac96-774b-bcce-b302099a8058")
KEY = "NP-7K4M-Q2XD-9TRW"
ORDER = NewAccount(
    billing_id=OURS,
    username="anna",
    email="anna@example.test",
    password="correct-horse",
    full_name="Anna Ek",
    phone=None,
    company=None,
    package="starter",
    license_key=KEY,
    limits={"domains": 5},
    domain=None,
)


@asynccontextmanager
async def answering(answer: Callable[[Request], Response]) -> AsyncIterator[tuple[NextPanel, ServerAccess]]:
    """A server that answers every call in the same strange way."""

    async def page(request: Request) -> Response:
        return answer(request)

    methods = ["GET", "POST", "PATCH", "DELETE"]
    async with (
        serve(Starlette(routes=[Route("/{path:path}", page, methods=methods)])) as base_url,
        guarded_client(timeout=5, allow=["127.0.0.0/8"]) as http,
    ):
        yield NextPanel(http), ServerAccess(base_url, "npk_1", "nps_1")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: HTMLResponse("<h1>Welcome</h1>"), "unparsable"),
        (lambda _: JSONResponse({"ok": True}, 201), "unparsable"),
        (lambda _: JSONResponse(["x"], 201), "unparsable"),
        (lambda _: Response(status_code=201), "unparsable"),
        (lambda _: Response(b"[" * 200_000, 201, {"Content-Type": "application/json"}), "unparsable"),
        (lambda _: HTMLResponse("<h1>403 Forbidden</h1>", 403), "unparsable"),
        (lambda _: JSONResponse({"error": "?"}, 400), "broken"),
        (lambda _: JSONResponse({"detail": "later"}, 503), "broken"),
        (lambda _: RedirectResponse("/login", 303), "redirected"),
        (lambda _: Response(b"x" * 1_000_001, 201), "no_answer"),
    ],
)
async def test_a_strange_answer_to_a_creation_is_unknown(answer: Callable[[Request], Response], reason: str) -> None:
    async with answering(answer) as (panel, server):
        with pytest.raises(VendorUnknown) as unknown:
            await panel.create_account(server, ORDER)
        assert unknown.value.reason == reason


async def test_somebody_elses_account_is_never_adopted() -> None:
    foreign = {"id": 7, "username": "x", "email": "x@example.test", "billing_id": str(OTHER)}
    async with answering(lambda _: JSONResponse(foreign)) as (panel, server):
        with pytest.raises(VendorUnknown, match="cannot_look"):
            await panel.find_account(server, billing_id=OURS, license_key=None)
    async with answering(lambda _: JSONResponse([foreign])) as (panel, server):
        with pytest.raises(VendorUnknown, match="cannot_look"):
            await panel.find_account(server, billing_id=OURS, license_key=None)


async def test_odd_fields_of_an_account_become_none() -> None:
    odd = {"id": "u-7", "username": 5, "billing_id": "not-a-uuid", "limits": {"max_domains": "many", "max_emails": 2}, "metadata": [], "status": 1}
    async with answering(lambda _: JSONResponse(odd, 201)) as (panel, server):
        made = await panel.create_account(server, ORDER)
    assert (made.ref, made.username, made.billing_id, made.state, made.limits, made.url) == (
        "u-7",
        "anna",
        None,
        "unknown",
        {"emails": 2},
        server.base_url,
    )


async def test_no_secret_comes_back_in_an_error_or_a_representation() -> None:
    async with answering(lambda _: JSONResponse({"detail": f"bad: correct-horse {KEY} nps_1"}, 400)) as (panel, server):
        with pytest.raises(VendorRejected) as refused:
            await panel.create_account(server, ORDER)
    shown = f"{refused.value} {refused.value.detail} {ORDER} {server}"
    for secret in ("correct-horse", KEY, "nps_1"):
        assert secret not in shown


async def test_a_reference_cannot_leave_its_place_in_the_path() -> None:
    seen: list[bytes] = []

    def note(request: Request) -> Response:
        seen.append(request.scope["raw_path"])
        return JSONResponse({})

    async with answering(note) as (panel, server):
        await panel.suspend(server, "../../x?y", reason="unpaid")
    assert seen == [b"/api/v1/billing/accounts/..%2F..%2Fx%3Fy/suspend"]
