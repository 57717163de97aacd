"""Refusals in Stripe's JSON shape."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document

DOCS = "https://docs.stripe.com/error-codes"


class StripeError(Exception):
    """A refusal with its HTTP status. `began`: the endpoint had started its work, so its writes stand and the idempotency layer keeps the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        began: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.began = began
        self.error: Document = {"message": message, "type": kind, **more}
        if code:
            self.error |= {"code": code, "doc_url": f"{DOCS}/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param

    def body(self) -> Document:
        return {"error": self.error}


def missing(param: str) -> StripeError:
    return StripeError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> StripeError:
    return StripeError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def invalid(message: str, *, param: str, code: str | None = None) -> StripeError:
    return StripeError(400, message, code=code, param=param)


def no_such(noun: str, key: str, *, param: str) -> StripeError:
    """404 when the id stood in the path (`param` "id"), 400 when it was one parameter among others."""
    return StripeError(404 if param == "id" else 400, f"No such {noun}: '{key}'", code="resource_missing", param=param)


def refused(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """The request was well formed but the object's state forbids it."""
    return StripeError(400, message, code=code, param=param, began=True)


def unforeseen() -> StripeError:
    return StripeError(500, "An unknown error occurred. Please contact support if the problem persists.", kind="api_error", began=True)
