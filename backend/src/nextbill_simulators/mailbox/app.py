"""A mailbox for everything that the product mails in the sandbox: SMTP in, a web page and JSON out.

Options: see `PostOffice`. Its own faults are set by POST /_sim/mailbox/smtp `{"mode": …}`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document, World, build_app
from nextbill_simulators.mailbox.mails import Mails
from nextbill_simulators.mailbox.pages import page_routes
from nextbill_simulators.mailbox.post import HOST, MODES, PostOffice

DEFAULT_LIMIT = 200


def create_app(world: World) -> Starlette:
    mails = Mails(world)
    office = PostOffice(world, mails)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await office.open()
        try:
            yield
        finally:
            await office.close()

    return build_app(
        world,
        [*_json_routes(mails), *page_routes(mails)],
        control=_control_routes(office, mails),
        spared=("/",),
        lifespan=lifespan,
        exception_handlers={HTTPException: _say_detail},
    )


def _json_routes(mails: Mails) -> list[BaseRoute]:
    async def collection(request: Request) -> Response:
        """GET: newest first, `?to=` an exact recipient, `?q=` part of recipient or subject, `?limit=`. DELETE: all, or those `?to=`."""
        query = request.query_params
        if request.method == "DELETE":
            return JSONResponse({"deleted": mails.clear(to=query.get("to"))})
        limit = query.get("limit", str(DEFAULT_LIMIT))
        if not limit.isdecimal():
            raise HTTPException(422, "limit must be a whole number")
        return JSONResponse(mails.all(to=query.get("to"), search=query.get("q"))[: int(limit)])

    async def one(request: Request) -> Response:
        return JSONResponse(_present(mails.get(request.path_params["id"])))

    return [Route("/api/mails", collection, methods=["GET", "DELETE"]), Route("/api/mails/{id}", one)]


def _control_routes(office: PostOffice, mails: Mails) -> list[BaseRoute]:
    async def smtp(request: Request) -> Response:
        if request.method == "POST":
            mode = (await request.json()).get("mode")
            if mode not in MODES:
                return JSONResponse({"detail": f"mode must be one of {', '.join(MODES)}"}, 422)
            office.set_mode(mode)
        return JSONResponse({"mode": office.mode, "host": HOST, "port": office.port, "mails": mails.count()})

    return [Route("/_sim/mailbox/smtp", smtp, methods=["GET", "POST"])]


def _present(mail: Document | None) -> Document:
    if mail is None:
        raise HTTPException(404, "No such mail")
    return mail


async def _say_detail(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
