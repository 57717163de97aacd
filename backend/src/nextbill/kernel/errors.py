"""Errors are facts with a stable code. One handler renders them as RFC 9457 problems."""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):
    """Base of every refusal that a caller may see. `fields` maps a field's path to what is wrong and what to do."""

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be carried out"

    def __init__(self, detail: str | None = None, *, fields: dict[str, str] | None = None, **extra: str | int | None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields or {}
        self.extra = extra


class Invalid(Problem):
    code, status, title = "invalid", 422, "Some fields need another value"


class NotFound(Problem):
    code, status, title = "not_found", 404, "There is no such object"


class Conflict(Problem):
    code, status, title = "conflict", 409, "The present state does not allow this"
