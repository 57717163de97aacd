"""What a check found, and how checks are run: each one told, none hides behind the one before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import httpx

Outcome = Literal["kept", "broken", "not offered", "not checked"]


class Broken(Exception):
    """What was expected and what came instead, in one sentence."""


class NotOffered(Exception):
    """An optional call that this panel does not have."""


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    promise: str
    outcome: Outcome
    detail: str = ""


@dataclass
class Findings:
    """`tell` hears of each as it comes."""

    tell: Callable[[Finding], None]
    all: list[Finding] = field(default_factory=list)

    def check(self, part: str, promise: str, run: Callable[[], str | None]) -> bool:
        """True where it was kept. `run` answers with a detail worth telling."""
        try:
            found = Finding(part, promise, "kept", run() or "")
        except NotOffered as absent:
            found = Finding(part, promise, "not offered", str(absent))
        except Broken as broken:
            found = Finding(part, promise, "broken", str(broken))
        except httpx.HTTPError as error:
            found = Finding(part, promise, "broken", f"no answer: {type(error).__name__}: {error}"[:200])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            found = Finding(part, promise, "broken", f"the answer has another shape: {type(error).__name__}: {error}"[:200])
        self.add(found)
        return found.outcome == "kept"

    def skip(self, part: str, promise: str, why: str) -> None:
        self.add(Finding(part, promise, "not checked", why))

    def add(self, found: Finding) -> None:
        self.all.append(found)
        self.tell(found)

    @property
    def broken(self) -> int:
        return sum(found.outcome == "broken" for found in self.all)

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(found) for found in self.all]


def expect(answer: httpx.Response, *statuses: int) -> httpx.Response:
    """Broken where the answer has another status."""
    if answer.status_code not in statuses:
        wanted = " or ".join(str(status) for status in statuses)
        raise Broken(f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}, not {wanted}: {answer.text[:160]}")
    return answer


def must(condition: object, sentence: str) -> None:
    if not condition:
        raise Broken(sentence)
