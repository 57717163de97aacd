"""What can be wrong with what a customer was promised, told in a way that helps."""

from __future__ import annotations

from collections.abc import Mapping


class Missing(Exception):
    """Something that should be there is not. `what`: the thing; `where`: the place to look next."""

    def __init__(self, what: str, *, where: str = "") -> None:
        super().__init__(what)
        self.what, self.where = what, where


class Refused(Exception):
    """The API said no, in its own words (RFC 9457)."""

    def __init__(self, call: str, *, status: int, problem: Mapping[str, object]) -> None:
        self.call, self.status = call, status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or "no reason given")
        listed = problem.get("fields")
        self.fields = {str(item["field"]): str(item["message"]) for item in listed if isinstance(item, dict)} if isinstance(listed, list) else {}
        self.correlation = str(problem.get("correlation_id", ""))
        named = "".join(f"; {name}: {message}" for name, message in self.fields.items())
        super().__init__(f"{call} answered {status} {self.code}: {self.detail}{named}")
