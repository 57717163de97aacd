"""RFC 9457 problems: one shape for every refusal, a stable code, the field and what to do. Input is never echoed.

Words are in the language of the request, codes in none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException

from nextbill.kernel.errors import Problem
from nextbill.runtime import correlation, words
from nextbill.runtime.web import language

MEDIA_TYPE = "application/problem+json"
FIELDS_MAX = 50
_CODES = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
RETRY_SECONDS = 2
log = structlog.get_logger()


class FieldProblem(BaseModel):
    field: str = Field(examples=["lines.0.domain"])
    message: str = Field(examples=["a domain name needs an ending such as .com"])


class ProblemBody(BaseModel):
    """The body of every 4xx and 5xx."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    code: str = Field(examples=["order_not_payable"])
    detail: str
    correlation_id: str
    fields: list[FieldProblem] = []


IN_JSON: Final[Mapping[str, Any]] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}}}
ANY: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "A problem (RFC 9457)", "content": dict(IN_JSON)}}
"""What a route may refuse beside what it names. Given as a reference: as a `model`, each of a route's responses is a validator to build at each start."""


def schemas() -> dict[str, Any]:
    """What the references lead to."""
    made = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    return {**made.pop("$defs"), ProblemBody.__name__: made}


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: each code that it can give, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        examples = found.setdefault(problem.status, {"description": "", "content": {**IN_JSON, MEDIA_TYPE: {"examples": {}}}})
        examples["content"][MEDIA_TYPE]["examples"][problem.code] = {
            "value": {"code": problem.code, "title": problem.title, "status": problem.status}
        }
        examples["description"] = ", ".join(sorted({problem.code, *filter(None, examples["description"].split(", "))}))
    return found


def render(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    fields: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Title, detail and the fields' messages come in English."""
    spoken = language.current()
    named = words.title(code, title, spoken)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": named,
        "status": status,
        "code": code,
        "detail": named if detail == title else words.told(detail, spoken),
        "correlation_id": correlation.current(),
    }
    if fields:
        body["fields"] = [{"field": name, "message": words.told(message, spoken)} for name, message in fields.items()]
    return JSONResponse({**(extra or {}), **body}, status, language.headers() | (headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(PoolExhausted, _unavailable)


async def _problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return refused(error)


def refused(error: Problem) -> Response:
    """The answer that a raised problem gets, for a route that has cookies to send along."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return render(error.status, error.code, error.title, error.detail, fields=error.fields, extra=error.extra, headers=headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return render(400, "malformed_json", "The body is not JSON", "Send a JSON document with Content-Type: application/json.")
    fields = {".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]): _told(item) for item in found[:FIELDS_MAX]}
    return render(422, "invalid", "Some fields need another value", "See `fields`: each names a field and what it takes.", fields=fields)


def _told(item: dict[str, Any]) -> str:
    english = str(item["msg"]).removeprefix("Value error, ")
    return words.field(item["type"], english, item.get("ctx", {}), language.current())


async def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(error.status_code, "http_error")
    return render(error.status_code, code, code.replace("_", " ").capitalize(), str(error.detail), headers=dict(error.headers or {}))


async def _unavailable(request: Request, error: Exception) -> Response:
    """The database is away, overloaded, or ended the transaction: nothing was stored, and the same request may succeed soon."""
    log.error("database not available", method=request.method, route=_route(request), error=str(error)[:300])
    return render(
        503,
        "unavailable",
        "Not available just now",
        "Try the same request again in a moment. Nothing is charged twice.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


async def _unstorable(_request: Request, _error: Exception) -> Response:
    """What no column takes: a NUL character, a number beyond 64 bits. Where a field's own rule does not name it, the database refuses."""
    return render(422, "invalid", "Some fields need another value", "A text holds a character, or a number a size, that cannot be stored.")


def _route(request: Request) -> str:
    """The route's pattern: a path may carry a one-time token."""
    return str(getattr(request.scope.get("route"), "path", "unmatched"))


async def unforeseen(request: Request, error: Exception) -> Response:
    """For the frame: the framework's own handler would answer outside of it, without its headers."""
    log.error("request failed in an unforeseen way", method=request.method, route=_route(request), exc_info=error)
    return render(
        500,
        "internal_error",
        "Something failed on our side",
        "It has been logged under the correlation id. Nothing is charged twice if you try again.",
    )
