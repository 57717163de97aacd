"""From a request to a method: who calls, from where, with which verb, and whether a fault of the vendor's own strikes."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.resellerclub import account, actions, changes, contacts, customers, details, domains, orders, products
from nextbill_simulators.resellerclub.envelope import Answer, ApiError, Call, LowerCaseError, PlainRefusal

Handler = Callable[[Call], Answer]
FaultKind = Literal["busy", "failed_200", "error_lower", "html_403", "order_locked", "sparse", "empty_after", "truncated_after"]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)

READS: dict[str, Handler] = {
    "actions/search-archived": actions.search_archived,
    "actions/search-current": actions.search_current,
    "billing/reseller-balance": account.reseller_balance,
    "contacts/details": contacts.details,
    "contacts/search": contacts.search,
    "customers/details": customers.details,
    "customers/details-by-id": customers.details_by_id,
    "customers/search": customers.search,
    "domains/available": domains.available,
    "domains/details": details.details,
    "domains/details-by-name": details.details_by_name,
    "domains/locks": details.locks,
    "domains/orderid": details.order_id,
    "domains/search": details.search,
    "domains/v5/suggest-names": domains.suggest_names,
    "domains/validate-transfer": domains.validate_transfer,
    "products/customer-price": products.customer_price,
    "products/reseller-cost-price": products.reseller_cost_price,
    "products/reseller-price": products.reseller_price,
}
WRITES: dict[str, Handler] = {
    "contacts/add": contacts.add,
    "contacts/delete": contacts.delete,
    "contacts/modify": contacts.modify,
    "customers/delete": customers.delete,
    "customers/signup": customers.signup,
    "customers/v2/signup": customers.signup,
    "domains/delete": domains.delete,
    "domains/disable-theft-protection": changes.disable_theft_protection,
    "domains/enable-theft-protection": changes.enable_theft_protection,
    "domains/modify-auth-code": changes.modify_auth_code,
    "domains/modify-contact": changes.modify_contact,
    "domains/modify-ns": changes.modify_ns,
    "domains/modify-privacy-protection": changes.modify_privacy_protection,
    "domains/purchase-privacy": changes.purchase_privacy,
    "domains/register": domains.register,
    "domains/renew": domains.renew,
    "domains/restore": domains.restore,
    "domains/transfer": domains.transfer,
}


@dataclass
class Fault:
    """`times` strikes (-1: for ever) on calls whose `METHOD /path` matches; the first four refuse, the others act and spoil the answer."""

    kind: FaultKind
    pattern: str = ".*"
    times: int = 1


class Dispatcher:
    """The endpoint behind every `/api/{method}.json`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, request: Request) -> Response:
        pairs = list(request.query_params.multi_items())
        if request.method == "POST":
            pairs += [(key, str(value)) for key, value in (await request.form()).multi_items()]
        orders.settle(self._world)
        fault = self._draw(f"{request.method} {request.url.path}")
        try:
            with self._world.store.transaction():
                return _spoiled(fault, JSONResponse(self._answer(request, pairs, fault=fault)))
        except ApiError as error:
            return error.response()

    def _answer(self, request: Request, pairs: list[tuple[str, str]], *, fault: str | None) -> Any:
        self._admit(request, dict(pairs))
        handler = _handler(request)
        _refuse(fault)
        marks = {"order_locked": ("_locked", "yes"), "sparse": ("_sparse", "yes")}
        if fault in marks:
            pairs = [*pairs, marks[fault]]
        return handler(Call(self._world, tuple(pairs)))

    def _admit(self, request: Request, given: dict[str, str]) -> None:
        whitelist = self._world.store.get("whitelist", "addresses")
        caller = request.client.host if request.client else ""
        if whitelist and whitelist["enforced"] and caller not in whitelist["addresses"]:
            raise PlainRefusal("error code: 1020", status=403)
        for parameter, option in {"auth-userid": "user_id", "api-key": "api_key"}.items():
            expected = self._world.options.get(option)
            value = given.get(parameter, "")
            if not value or (expected is not None and not hmac.compare_digest(value.encode(), expected.encode())):
                raise ApiError("Authentication failure", status=401)

    def _draw(self, target: str) -> str | None:
        for fault in self._world.store.find("fault"):
            if fault["times"] != 0 and re.search(fault["pattern"], target):
                self._world.store.put("fault", fault["id"], _used(fault))
                return str(fault["kind"])
        return None


def _handler(request: Request) -> Handler:
    method = request.path_params["method"]
    verb, other = (WRITES, READS) if request.method == "POST" else (READS, WRITES)
    if method in verb and request.method in ("GET", "POST"):
        return verb[method]
    if method in other or method in verb:
        raise PlainRefusal("<html><body><h1>HTTP Status 405 - Method Not Allowed</h1></body></html>", status=405, media_type="text/html")
    raise PlainRefusal("<html><body><h1>HTTP Status 404 - Not Found</h1></body></html>", status=404, media_type="text/html")


def _refuse(fault: str | None) -> None:
    if fault == "busy":
        raise ApiError("There is already an action pending on this Order.")
    if fault == "error_lower":
        raise LowerCaseError("Internal problem, please retry later")
    if fault == "html_403":
        raise PlainRefusal("<html><head><title>Access denied</title></head><body>Access denied</body></html>", status=403, media_type="text/html")
    if fault == "failed_200":
        raise _FailedWithOk("Registry not reachable")


class _FailedWithOk(ApiError):
    def response(self) -> Response:
        return JSONResponse({"status": "Failed", "actionstatus": "Failed", "actionstatusdesc": self.message})


def _spoiled(fault: str | None, response: JSONResponse) -> Response:
    if fault == "empty_after":
        return Response(b"", media_type="application/json")
    if fault == "truncated_after":
        return Response(bytes(response.body)[:-5], media_type="application/json")
    return response


def _used(fault: Document) -> Document:
    return {**fault, "times": fault["times"] - 1 if fault["times"] > 0 else fault["times"]}
