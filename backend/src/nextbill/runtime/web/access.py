"""Who calls, and whether they may. Identity tells who it is; each route names the permission that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from nextbill.kernel.errors import Problem


class NotAuthenticated(Problem):
    code: ClassVar[str] = "not_authenticated"
    status: ClassVar[int] = 401
    title: ClassVar[str] = "Log in first"


class NotPermitted(Problem):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    title: ClassVar[str] = "Your account may not do this"


@dataclass(frozen=True, slots=True)
class Caller:
    """A logged-in person. `customer_id` is set for customers only; staff have none."""

    login_id: UUID
    role: str
    permissions: frozenset[str]
    customer_id: UUID | None
    session_id: UUID | None

    @property
    def is_staff(self) -> bool:
        return self.role != "customer"


Authenticate = Callable[[Request], Awaitable[Caller | None]]
"""Reads the request's credentials: None where there are none; a problem of status 401 or 403 where they are bad."""

_bearer = HTTPBearer(auto_error=False, description="Access token from /api/v1/auth/login")


class _CookieInTheDocs(APIKeyCookie):
    """Read by who authenticates; here it is only shown in the API's description."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        return None


_cookie = _CookieInTheDocs(
    name="np_at",
    scheme_name="APIKeyCookie",
    auto_error=False,
    description="A browser's session from /api/v1/auth/session (`__Host-np_at` over https), from our own pages only",
)


async def caller(request: Request, _shown_in_docs: Annotated[object, Depends(_bearer)], _shown_too: Annotated[object, Depends(_cookie)]) -> Caller:
    authenticate: Authenticate = request.app.state.authenticate
    found = await authenticate(request)
    if found is None:
        raise NotAuthenticated("Send the access token as `Authorization: Bearer …`.")
    request.state.caller = found
    return found


AnyCaller = Annotated[Caller, Depends(caller)]


class _Needs:
    """A dependency that names its permission, so that a test can walk all routes and read it."""

    def __init__(self, permission: str) -> None:
        self.permission = permission

    async def __call__(self, found: AnyCaller) -> Caller:
        if self.permission not in found.permissions:
            raise NotPermitted(f"This needs the permission {self.permission}.")
        return found


def needs(permission: str) -> Callable[..., Awaitable[Caller]]:
    """`Annotated[Caller, Depends(needs("orders.refund"))]`."""
    return _Needs(permission)


async def customer(found: AnyCaller) -> Caller:
    """A customer, with rows of their own."""
    if found.customer_id is None:
        raise NotPermitted("This is for customers; staff use the routes under /api/v1/admin.")
    return found


CustomerCaller = Annotated[Caller, Depends(customer)]


def own_id(found: Caller) -> UUID:
    """The caller's customer id; the dependency `customer` has made sure that there is one."""
    if found.customer_id is None:
        raise NotPermitted("This is for customers.")
    return found.customer_id
