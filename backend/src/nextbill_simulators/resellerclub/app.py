"""ResellerClub (LogicBoxes HTTP API): domains, customers, contacts, prices and money of one reseller account.

Options: `user_id`, `api_key` (checked when given), `currency` (USD), `balance` (1000.00), `premium` (`yes`: signed up for premium names).

Names steer it without the control plane; what counts is how they begin:

| name       | what happens |
|---|---|
| `taken…`   | belongs to somebody else; can be transferred in |
| `premium…` | available at 1850.00 a year; register needs the option `premium=yes` and the attribute `premium=true` |
| `unknown…` | the check cannot tell |
| `absent…`  | missing from the check's reply |
| `refused…` | available at the check, yet register is refused as already registered |
| `pending…` | register is queued and completes after 60 seconds of the shared clock |

Control routes under `/_sim/resellerclub`: `balance`, `settle`, `take`, `whitelist`, `domains`, `charges`, `faults`.
Their fault kinds: `busy`, `failed_200`, `error_lower`, `html_403` refuse; `order_locked` leaves the order locked until a top-up, funds or not;
`sparse` drops fields from details; `empty_after` and `truncated_after` do the deed and spoil the answer.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nextbill_simulators.chassis import World, build_app
from nextbill_simulators.resellerclub.control import control_routes
from nextbill_simulators.resellerclub.dispatch import Dispatcher


def create_app(world: World) -> Starlette:
    dispatcher = Dispatcher(world)

    async def answer(request: Request) -> Response:
        return await dispatcher(request)

    wire = [Route("/api/{method:path}.json", answer, methods=["GET", "POST", "PUT", "DELETE"])]
    return build_app(world, wire, control=control_routes(world))
