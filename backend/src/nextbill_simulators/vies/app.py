"""VIES, simulated: `POST /check-vat-number`, `GET /check-status`. An id of the right form is known, unless the control route says otherwise."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import World, build_app

BASE = "/taxation_customs/vies/rest-api"
MEMBERS = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()
ERRORS = (
    "INVALID_INPUT",
    "INVALID_REQUESTER_INFO",
    "SERVICE_UNAVAILABLE",
    "MS_UNAVAILABLE",
    "TIMEOUT",
    "VAT_BLOCKED",
    "IP_BLOCKED",
    "GLOBAL_MAX_CONCURRENT_REQ",
    "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "MS_MAX_CONCURRENT_REQ",
    "MS_MAX_CONCURRENT_REQ_TIME",
)
SILENT = ("DE", "ES")
"""Member states that tell neither name nor address."""
_NUMBER = re.compile(r"[0-9A-Z+*]{2,12}")


def create_app(world: World) -> Starlette:
    register = Register(world)
    wire: list[BaseRoute] = [
        Route(f"{BASE}/check-vat-number", register.check, methods=["POST"]),
        Route(f"{BASE}/check-status", register.status),
    ]
    control: list[BaseRoute] = [
        Route("/_sim/vies/down", register.set_down, methods=["GET", "POST"]),
        Route("/_sim/vies/numbers", register.set_number, methods=["GET", "POST"]),
    ]
    return build_app(world, wire, control=control)


class Register:
    def __init__(self, world: World) -> None:
        self._world = world

    async def check(self, request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"actionSucceed": False, "errorWrappers": [{"error": "VOW-ERR-2105", "message": "The request is not JSON."}]}, 400)
        country, number = str(asked.get("countryCode", "")).upper(), str(asked.get("vatNumber", "")).upper()
        error = self._error(country, number, asked)
        if error:
            return JSONResponse({"actionSucceed": False, "errorWrappers": [{"error": error}]})
        return JSONResponse(self._answer(country, number, asked))

    def _error(self, country: str, number: str, asked: dict[str, Any]) -> str | None:
        if country not in MEMBERS or not _NUMBER.fullmatch(number):
            return "INVALID_INPUT"
        requester = asked.get("requesterMemberStateCode")
        if requester is not None and (requester not in MEMBERS or not _NUMBER.fullmatch(str(asked.get("requesterNumber", "")))):
            return "INVALID_REQUESTER_INFO"
        for scope in ("*", country):
            down = self._world.store.get("down", scope)
            if down:
                return str(down["error"])
        return None

    def _answer(self, country: str, number: str, asked: dict[str, Any]) -> dict[str, Any]:
        known = self._world.store.get("number", f"{country}{number}") or {"valid": True}
        valid, told = bool(known["valid"]), country not in SILENT
        names = {"name": known.get("name", f"SIMULATED TRADER {number}"), "address": known.get("address", f"1 REGISTER SQUARE\n{country}-1000 TOWN")}
        reference = f"WAPI{self._world.store.next_number('request'):012d}" if asked.get("requesterMemberStateCode") else ""
        untold = dict.fromkeys(("traderName", "traderStreet", "traderPostalCode", "traderCity", "traderCompanyType"), "---")
        matches = dict.fromkeys(
            ("traderNameMatch", "traderStreetMatch", "traderPostalCodeMatch", "traderCityMatch", "traderCompanyTypeMatch"), "NOT_PROCESSED"
        )
        return {
            "countryCode": country,
            "vatNumber": number,
            "requestDate": self._world.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "valid": valid,
            "requestIdentifier": reference,
            **{name: value if valid and told else "---" for name, value in names.items()},
            **untold,
            **matches,
        }

    async def status(self, _request: Request) -> Response:
        whole = self._world.store.get("down", "*") is None
        states = [
            {"countryCode": member, "availability": "Unavailable" if self._world.store.get("down", member) else "Available"} for member in MEMBERS
        ]
        return JSONResponse({"vow": {"available": whole}, "countries": states})

    async def set_down(self, request: Request) -> Response:
        """`{"member": "FR", "down": true, "error": "MS_UNAVAILABLE"}`; without a member all of VIES."""
        if request.method == "POST":
            body = await request.json()
            scope = str(body.get("member") or "*")
            error = str(body.get("error") or ("SERVICE_UNAVAILABLE" if scope == "*" else "MS_UNAVAILABLE"))
            if error not in ERRORS or (scope != "*" and scope not in MEMBERS):
                return JSONResponse({"detail": f"member is one of {', '.join(MEMBERS)}; error one of {', '.join(ERRORS)}"}, 422)
            if body["down"]:
                self._world.store.put("down", scope, {"scope": scope, "error": error})
            else:
                self._world.store.delete("down", scope)
        return JSONResponse(self._world.store.find("down"))

    async def set_number(self, request: Request) -> Response:
        """`{"countryCode": "FR", "vatNumber": "40303265045", "valid": false}`, with `name` and `address` where they matter."""
        if request.method == "POST":
            body = await request.json()
            self._world.store.put("number", f"{body['countryCode']}{body['vatNumber']}", {"valid": True, **body})
        return JSONResponse(self._world.store.find("number"))
