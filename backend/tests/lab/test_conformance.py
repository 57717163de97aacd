"""`nextbill panel-conformance`: our simulated panel keeps the contract, and each planted fault is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nextbill.capabilities import licensing
from nextbill_lab.conformance.findings import Findings
from nextbill_lab.conformance.panel import ACCOUNTS, PanelChecks
from nextbill_lab.conformance.questions import QuestionChecks
from nextbill_simulators.chassis.serving import serve
from tests.capabilities.workshop import Workshop, open_workshop
from tests.support.panels import open_panel


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def panel_checks(url: str) -> Findings:
    findings = Findings(lambda found: None)
    await asyncio.to_thread(PanelChecks(url, "npk_panel", "nps_panel", findings).run)
    return findings


def outcomes(findings: Findings) -> dict[str, str]:
    return {found.promise: found.outcome for found in findings.all}


async def test_the_simulated_panel_keeps_all_of_it_and_is_left_as_it_was(shop: Workshop) -> None:
    findings = await panel_checks(shop.sims["nextpanel:alpha"])
    assert findings.broken == 0, [found for found in findings.all if found.outcome == "broken"]
    assert len([found for found in findings.all if found.outcome == "kept"]) >= 10
    assert [account for account in await shop.panel_accounts() if account["status"] != "deleted"] == []


async def test_questions_are_answered_with_both_proofs_and_leave_nothing_behind(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    async with shop.writing() as tx:
        await licensing.keep_signing_keys(tx, cipher=shop.cipher, now=shop.now())
    async with open_panel(shop) as panel:
        findings = Findings(lambda found: None)
        url = str(panel.processes[0].base_url).rstrip("/")
        await asyncio.to_thread(QuestionChecks(url, panel.key_id, panel.secret, key, "databases", findings).run)
        assert findings.broken == 0, [found for found in findings.all if found.outcome == "broken"]
        wrong = Findings(lambda found: None)
        await asyncio.to_thread(QuestionChecks(url, panel.key_id, "nps_wrong", key, "databases", wrong).run)
        assert wrong.broken >= 5
    rows = await shop.rows("select used_count, reserved_count from licensing_quota where license_id = :id and resource = 'databases'", id=license_id)
    assert [(row.used_count, row.reserved_count) for row in rows] == [(0, 0)]


def faulty(fault: str) -> Starlette:
    """A small panel of its own that breaks one promise."""
    accounts: dict[str, dict[str, Any]] = {}

    def keyed(request: Request) -> bool:
        return fault == "open" or (request.headers.get("x-api-key"), request.headers.get("x-api-secret")) == ("npk_panel", "nps_panel")

    async def health(_request: Request) -> Response:
        return Response(status_code=503) if fault == "health" else JSONResponse({"status": "ok"})

    async def create(request: Request) -> Response:
        if not keyed(request):
            return JSONResponse({"detail": "no"}, 401)
        body = json.loads(await request.body())
        if not isinstance(body.get("username"), str):
            return JSONResponse({"detail": "no"}, 500 if fault == "bad input" else 422)
        if body["username"] in {one["username"] for one in accounts.values()} and fault != "twice":
            return JSONResponse({"detail": "taken"}, 409)
        found = {"id": str(len(accounts) + 1), "username": body["username"], "email": "else@example.com" if fault == "e-mail" else body["email"]}
        accounts[found["id"]] = found
        return JSONResponse(found, 201)

    async def one(request: Request) -> Response:
        found = accounts.get(request.path_params["id"])
        if found is None:
            return JSONResponse({"detail": "none"}, 404)
        if request.method == "DELETE" and fault != "delete":
            del accounts[found["id"]]
        return JSONResponse(found)

    async def act(request: Request) -> Response:
        what = request.path_params["what"]
        if what not in ("suspend", "unsuspend", "stats"):
            return JSONResponse({"detail": "none"}, 404)
        if what == "stats":
            from nextbill_lab.conformance.panel import STATS

            return JSONResponse({name: 0 for name in STATS if fault != "stats" or name != "storage_used"})
        return Response(status_code=500) if fault == what else JSONResponse({})

    return Starlette(
        routes=[
            Route("/api/health", health),
            Route(ACCOUNTS, create, methods=["POST"]),
            Route(ACCOUNTS + "/{id}", one, methods=["GET", "DELETE"]),
            Route(ACCOUNTS + "/{id}/{what}", act, methods=["GET", "POST"]),
        ]
    )


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("health", "GET /api/health answers without a key"),
        ("open", "a wrong secret is refused"),
        ("bad input", "bad input is a 422 that says why"),
        ("e-mail", "an account is made"),
        ("twice", "the same user name again is a 409"),
        ("suspend", "suspending, also twice"),
        ("unsuspend", "lifting a suspension, also twice"),
        ("stats", "figures of an account"),
        ("delete", "an account is deleted, and gone"),
    ],
)
async def test_each_planted_fault_is_found(fault: str, promise: str) -> None:
    async with serve(faulty("none")) as url:
        assert (await panel_checks(url)).broken == 0
    async with serve(faulty(fault)) as url:
        assert outcomes(await panel_checks(url))[promise] == "broken"
