"""A NextPanel server: the billing calls that the product makes, and a login page for the human who follows the welcome mail.

Options: see `Gate`, and `max_accounts`. Two instances are two servers with their own accounts.
"""

from __future__ import annotations

from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document, World, build_app
from nextbill_simulators.nextpanel.accounts import Accounts, Conflict, Full
from nextbill_simulators.nextpanel.gate import Gate, Handler, say_detail, say_fields
from nextbill_simulators.nextpanel.pages import login_routes
from nextbill_simulators.nextpanel.shapes import LimitsChange, NewAccount, PasswordChange, Provision, Suspension, Unprocessable, parse

ACCOUNTS = "/api/v1/billing/accounts"
PLANTABLE = ("status", "limits", "usage", "billing_id", "username", "email", "license_key")


def create_app(world: World) -> Starlette:
    gate, accounts = Gate(world), Accounts(world)
    panel = Panel(world, gate, accounts)
    return build_app(
        world,
        [*panel.routes(), *login_routes(world, gate, accounts)],
        control=_control_routes(gate, accounts),
        spared=("/login",),
        exception_handlers={HTTPException: say_detail, Unprocessable: say_fields, Conflict: _say_conflict, Full: _say_full},
    )


class Panel:
    """The wire calls. Which optional ones exist is decided when the server starts, as on a real one of some version."""

    def __init__(self, world: World, gate: Gate, accounts: Accounts) -> None:
        self._world, self._gate, self._accounts = world, gate, accounts

    def routes(self) -> list[BaseRoute]:
        gate = self._gate
        routes: list[BaseRoute] = [
            Route("/api/health", gate.open(self.health)),
            self._route(ACCOUNTS + "/{id}", self.show, "GET"),
            self._route(ACCOUNTS + "/{id}", self.delete, "DELETE"),
            self._route(ACCOUNTS + "/{id}/suspend", self.suspend, "POST"),
            self._route(ACCOUNTS + "/{id}/unsuspend", self.unsuspend, "POST"),
            self._route(ACCOUNTS + "/{id}/stats", self.stats, "GET"),
        ]
        if gate.provisioning in ("accounts", "both"):
            routes.append(self._route(ACCOUNTS, self.create, "POST"))
        if gate.provisioning in ("license", "both"):
            routes.append(self._route("/api/v1/licenses/provision", self.provision, "POST"))
        return [*routes, *self._optional_routes()]

    def _optional_routes(self) -> list[BaseRoute]:
        supports = self._gate.supports
        routes: list[BaseRoute] = []
        if supports("find") or supports("page"):
            routes.append(self._route(ACCOUNTS, self.search, "GET"))
        if supports("patch"):
            routes.append(self._route(ACCOUNTS + "/{id}", self.change_limits, "PATCH"))
        if supports("password"):
            routes.append(self._route(ACCOUNTS + "/{id}/password", self.change_password, "POST"))
        if supports("login-token"):
            routes.append(self._route(ACCOUNTS + "/{id}/login-token", self.login_token, "POST"))
        return routes

    def _route(self, path: str, handler: Handler, method: str) -> Route:
        return Route(path, self._gate.keyed(handler), methods=[method])

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "healthy", "time": self._world.clock.now().isoformat()})

    async def create(self, request: Request) -> Response:
        order = await parse(request, NewAccount)
        return JSONResponse(self._answer(self._accounts.create(order)), 201)

    async def provision(self, request: Request) -> Response:
        account, password = self._accounts.provision(await parse(request, Provision))
        answer = {"id": account["id"], "account_url": self._login_url(), "username": account["username"], "password": password}
        return JSONResponse(answer, 201)

    async def search(self, request: Request) -> Response:
        """By `billing_id` (or `license_key`, for what `provision` made): one account or 404. By `page`: a list.

        As with any FastAPI route, a filter that the server does not know is ignored.
        """
        query = request.query_params
        if self._gate.supports("find") and ("billing_id" in query or "license_key" in query):
            name = "billing_id" if "billing_id" in query else "license_key"
            return JSONResponse(self._answer(_present(self._accounts.find(**{name: query[name]}))))
        if not self._gate.supports("page"):
            raise Unprocessable([{"type": "missing", "loc": ["query", "billing_id"], "msg": "Field required", "input": None}])
        text = query.get("page", "1")
        if not text.isdecimal() or int(text) < 1:
            raise Unprocessable([{"type": "int_parsing", "loc": ["query", "page"], "msg": "Input should be a valid integer", "input": text}])
        return JSONResponse([self._answer(account) for account in self._accounts.page(int(text))])

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._answer(self._wanted(request)))

    async def delete(self, request: Request) -> Response:
        self._accounts.delete(self._wanted(request))
        return JSONResponse({"message": "Account deleted"})

    async def suspend(self, request: Request) -> Response:
        account, order = self._wanted(request), await parse(request, Suspension)
        return JSONResponse(self._answer(self._accounts.change(account, status="suspended", suspend_reason=order.reason)))

    async def unsuspend(self, request: Request) -> Response:
        return JSONResponse(self._answer(self._accounts.change(self._wanted(request), status="active", suspend_reason=None)))

    async def stats(self, request: Request) -> Response:
        account = self._wanted(request)
        usage = account["usage"]
        age = self._world.clock.now() - datetime.fromisoformat(account["created_at"])
        return JSONResponse(
            {
                "user_id": account["id"],
                "username": account["username"],
                "email": account["email"],
                "total_domains": usage["domains"],
                "total_databases": usage["databases"],
                "total_email_accounts": usage["emails"],
                "total_ssl_certificates": usage["certificates"],
                "storage_used": usage["storage"],
                "last_login": account["last_login"],
                "account_age_days": age.days,
            }
        )

    async def change_limits(self, request: Request) -> Response:
        account, order = self._wanted(request), await parse(request, LimitsChange)
        return JSONResponse(self._answer(self._accounts.change(account, limits={**account["limits"], **order.limits})))

    async def change_password(self, request: Request) -> Response:
        account, order = self._wanted(request), await parse(request, PasswordChange)
        self._accounts.set_password(account, order.password)
        return JSONResponse({"message": "Password updated"})

    async def login_token(self, request: Request) -> Response:
        token, expires_at = self._accounts.issue_token(self._wanted(request))
        return JSONResponse({"url": f"{self._login_url()}?token={token}", "expires_at": expires_at.isoformat()})

    def _wanted(self, request: Request) -> Document:
        return _present(self._accounts.get(request.path_params["id"]))

    def _login_url(self) -> str:
        return f"{self._world.base_url}/login"

    def _answer(self, account: Document) -> Document:
        hidden = ("password_hash", "usage", "suspend_reason")
        return {**{name: value for name, value in account.items() if name not in hidden}, "account_url": self._login_url()}


def _present(account: Document | None) -> Document:
    if account is None:
        raise HTTPException(404, "Account not found")
    return account


async def _say_conflict(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 409)


async def _say_full(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "Account limit of this server reached"}, 403)


def _control_routes(gate: Gate, accounts: Accounts) -> list[BaseRoute]:
    async def listing(request: Request) -> Response:
        """All accounts with billing ids and limits, for outside checkers; `?deleted=true` for those that are gone."""
        found = accounts.deleted() if request.query_params.get("deleted") == "true" else accounts.all()
        return JSONResponse([{name: value for name, value in account.items() if name != "password_hash"} for account in found])

    async def plant(request: Request) -> Response:
        """Changes or removes an account behind the product's back, so that a drift check has something to find."""
        account = _present(accounts.get(request.path_params["id"]))
        if request.method == "DELETE":
            accounts.delete(account)
            return JSONResponse({"deleted": account["id"]})
        changes = await request.json()
        unknown = sorted(set(changes) - set(PLANTABLE))
        if unknown:
            return JSONResponse({"detail": f"cannot plant {', '.join(unknown)}"}, 422)
        if "usage" in changes:
            changes["usage"] = {**account["usage"], **changes["usage"]}
        changed = accounts.change(account, **changes)
        return JSONResponse({name: value for name, value in changed.items() if name != "password_hash"})

    async def down(request: Request) -> Response:
        gate.set_down(down=bool((await request.json())["down"]))
        return JSONResponse({"down": gate.is_down()})

    return [
        Route("/_sim/nextpanel/accounts", listing),
        Route("/_sim/nextpanel/accounts/{id}", plant, methods=["PATCH", "DELETE"]),
        Route("/_sim/nextpanel/down", down, methods=["POST"]),
    ]
