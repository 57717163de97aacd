"""The wire's manners: parameters from query or form, and the four shapes an error can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from nextbill_simulators.chassis import World

Answer = dict[str, Any] | int | bool | str


class ApiError(Exception):
    """The ordinary business error: HTTP 500 with `{"status": "ERROR", "message": …}`."""

    def __init__(self, message: str, *, status: int = 500) -> None:
        super().__init__(message)
        self.message, self.status = message, status

    def response(self) -> Response:
        return JSONResponse({"status": "ERROR", "message": self.message}, self.status)


class LowerCaseError(ApiError):
    """The other spelling: lower-case status, and `error` instead of `message`."""

    def response(self) -> Response:
        return JSONResponse({"status": "error", "error": self.message}, self.status)


class PlainRefusal(ApiError):
    """What answers in front of the API (whitelist, missing pages): no JSON at all."""

    def __init__(self, message: str, *, status: int, media_type: str = "text/plain") -> None:
        super().__init__(message, status=status)
        self.media_type = media_type

    def response(self) -> Response:
        return PlainTextResponse(self.message, self.status, media_type=self.media_type)


def invalid(fields: Mapping[str, str]) -> ApiError:
    """Validation failures come as a printed Java map."""
    return ApiError("{" + ", ".join(f"{name}={words}" for name, words in fields.items()) + "}")


@dataclass(frozen=True)
class Call:
    """One authenticated request. Repeated keys are arrays."""

    world: World
    pairs: tuple[tuple[str, str], ...]

    def one(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.pairs if key == name), default)

    def many(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name and value]

    def need(self, name: str) -> str:
        value = self.one(name)
        if not value:
            raise ApiError(f"Required parameter missing: {name}")
        return value

    def need_many(self, name: str) -> list[str]:
        self.need(name)
        return self.many(name)

    def need_number(self, name: str, *, lowest: int = 0, highest: int = 2**53) -> int:
        text = self.need(name)
        if not text.isdigit() or not lowest <= int(text) <= highest:
            raise invalid({name.replace("-", ""): f"{name.replace('-', '')} is invalid"})
        return int(text)

    def need_flag(self, name: str) -> bool:
        text = self.need(name).lower()
        if text not in ("true", "false"):
            raise invalid({name.replace("-", ""): f"{name.replace('-', '')} is invalid"})
        return text == "true"

    def flag(self, name: str) -> bool:
        return bool(self.one(name)) and self.need_flag(name)

    def attributes(self) -> dict[str, str]:
        """`attr-name1=purpose&attr-value1=P1&…`"""
        names = {key.removeprefix("attr-name"): value for key, value in self.pairs if key.startswith("attr-name")}
        return {name: self.one(f"attr-value{number}") for number, name in names.items()}


def truth(value: object) -> str:
    return "true" if value else "false"


def amount_text(amount: Decimal) -> str:
    """Charges are printed negative and with three places: `-12.890`."""
    return str((-amount).quantize(Decimal("0.001")))


def numbered(rows: list[dict[str, Any]], *, page: int, size: int) -> dict[str, Any]:
    """A search result: rows under "1", "2", … beside the two counts."""
    shown = rows[(page - 1) * size : page * size]
    result: dict[str, Any] = {"recsonpage": str(len(shown)), "recsindb": str(len(rows))}
    result.update({str(number): row for number, row in enumerate(shown, start=1)})
    return result
