"""TaxJar, simulated as far as rates go: `POST /v2/taxes` for a few states of the United States, with a bearer key."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nextbill_simulators.chassis import World, build_app

RATES = {"CA": 0.0725, "NY": 0.08875, "TX": 0.0825, "WA": 0.1025}
SAAS, SAAS_TAXED_IN = "30070", ("NY", "TX", "WA")
"""Software as a service is taxed in some states only."""


def create_app(world: World) -> Starlette:
    key = world.options.get("api_key", "taxjar-sandbox")

    async def taxes(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {key}":
            return JSONResponse({"status": 401, "error": "Unauthorized", "detail": "Not authorized for route 'POST /v2/taxes'"}, 401)
        asked = await request.json()
        if asked.get("to_country") == "US" and not asked.get("to_zip"):
            return JSONResponse({"status": 400, "error": "Bad Request", "detail": "to_zip is required"}, 400)
        rate = RATES.get(asked.get("to_state", ""))
        if asked.get("to_country") != "US" or rate is None:
            return JSONResponse({"tax": {"has_nexus": False, "rate": 0.0, "amount_to_collect": 0.0}})
        lines = []
        for item in asked["line_items"]:
            free = item.get("product_tax_code") == SAAS and asked["to_state"] not in SAAS_TAXED_IN
            own = 0.0 if free else rate
            lines.append({"id": item["id"], "combined_tax_rate": own, "tax_collectable": round(own * item["unit_price"], 2)})
        due = sum(line["tax_collectable"] for line in lines)
        return JSONResponse({"tax": {"has_nexus": True, "rate": rate, "amount_to_collect": due, "breakdown": {"line_items": lines}}})

    return build_app(world, [Route("/v2/taxes", taxes, methods=["POST"])])
