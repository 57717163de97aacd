"""Licenses that are known without being remembered: the number of a license says everything about it, in SQL and in Python alike.

So ten million can be filled in by the database itself, and any answer about any of them can be checked.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

RESOURCES = ("accounts", "databases", "domains", "emails")
PLAN = "bench"
FEATURE = "priority_support"
ROOM = 1_000_000
STRANGERS = 4
EXPIRED, FAR = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
# Odd, so that the product modulo 2^48 is another one for each number: keys look like chance and never meet.
_FACTOR, _MASK, _SALT = 25_214_903_917, (1 << 48) - 1, 0x2F6E_9C31_84D7
_HEX, _LETTERS = "0123456789abcdef", "23456789ABCDEFGH"
_TO_LETTERS = str.maketrans(_HEX, _LETTERS)
_CYCLE = 50

Standing = Literal["active", "suspended", "cancelled", "expired"]
_REFUSED: tuple[Standing, ...] = ("suspended", "cancelled", "expired")


@dataclass(frozen=True)
class Population:
    """Licenses 0 … count-1 with four quotas each. `roomy`: all active and far from every limit, for benchmarks that take.

    Otherwise of fifty one is suspended, one cancelled, one expired and one without an end; some quotas are full or unlimited.
    """

    count: int
    roomy: bool = False

    def standing(self, number: int) -> Standing:
        place = number % _CYCLE
        if self.roomy or place >= len(_REFUSED):
            return "active"
        return _REFUSED[place]

    def expires_at(self, number: int) -> str | None:
        standing = self.standing(number)
        if standing == "expired":
            return EXPIRED
        return None if number % _CYCLE == 3 else FAR

    def remaining(self, number: int, place: int) -> int | None:
        """Of the resource at `place` in RESOURCES; None where unlimited."""
        if self.roomy:
            return ROOM
        if (number + place) % 11 == 0:
            return None
        limit = 10 + (number * 7 + place * 13) % 90
        used = limit if (number + place) % 23 == 0 else (number * 31 + place * 17) % 12
        reserved = 2 if (number + place) % 5 == 0 else 0
        return max(0, limit - used - reserved)

    @property
    def columns(self) -> dict[str, str]:
        """The same in SQL, of `n` (bigint) and `j` (place of the resource)."""
        key = f"translate(lpad(to_hex(((n * {_FACTOR}) & {_MASK}) # {_SALT}), 12, '0'), '{_HEX}', '{_LETTERS}')"
        limit = "case when (n + j) % 11 = 0 then null else 10 + (n * 7 + j * 13) % 90 end"
        filled = "case when (n + j) % 11 <> 0 and (n + j) % 23 = 0 then 10 + (n * 7 + j * 13) % 90 else (n * 31 + j * 17) % 12 end"
        held = "case when (n + j) % 5 = 0 then 2 else 0 end"
        state = f"case n % {_CYCLE} when 0 then 'suspended' when 1 then 'cancelled' else 'active' end"
        end = f"case n % {_CYCLE} when 2 then timestamptz '{EXPIRED}' when 3 then null else timestamptz '{FAR}' end"
        always = f"case n % {_CYCLE} when 3 then null else timestamptz '{FAR}' end"
        return {
            "id": "('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
            "key": f"'NP-' || substr({key}, 1, 4) || '-' || substr({key}, 5, 4) || '-' || substr({key}, 9, 4)",
            "state": "'active'" if self.roomy else state,
            "reasons": "'{}'::text[]" if self.roomy else f"case n % {_CYCLE} when 0 then array['unpaid'] else '{{}}'::text[] end",
            "expires_at": always if self.roomy else end,
            "limit": str(ROOM) if self.roomy else limit,
            "used": "0" if self.roomy else filled,
            "reserved": "0" if self.roomy else held,
        }


def key_of(number: int) -> str:
    """The license key, `NP-…-…-…`; of a number beyond the count it is one that nobody has."""
    text = f"{(number * _FACTOR & _MASK) ^ _SALT:012x}".translate(_TO_LETTERS)
    return f"NP-{text[:4]}-{text[4:8]}-{text[8:]}"


def id_of(number: int) -> UUID:
    return UUID(f"01900000-0000-7000-8000-{number:012x}")


@dataclass(frozen=True)
class Question:
    """What a panel asks of license `number`; `feature` None: of the license alone."""

    number: int
    feature: str | None

    @property
    def body(self) -> dict[str, Any]:
        return {"license_key": key_of(self.number)} | ({} if self.feature is None else {"feature": self.feature})


def question(chance: random.Random, count: int) -> Question:
    """Mostly for a resource of a license; now and then for an unknown feature, a plain feature, or of the license alone."""
    number = chance.randrange(count)
    dice = chance.random()
    if dice < 0.92:
        return Question(number, f"create_{chance.choice(RESOURCES).removesuffix('s')}")
    return Question(number, "create_wish" if dice < 0.94 else FEATURE if dice < 0.97 else None)


def questions(chance: random.Random, count: int, *, how_many: int) -> list[Question]:
    """Among them a few by keys that nobody has: few, since a panel that guesses is stopped."""
    found = [question(chance, count) for _ in range(how_many)]
    for _ in range(STRANGERS):
        found[chance.randrange(how_many)] = Question(count + chance.randrange(count), "create_database")
    return found


def expected(population: Population, question: Question) -> dict[str, Any]:
    """The members of the right answer that the filled data decides (all but its time and its words)."""
    if question.number >= population.count:
        return _refused("unknown_license")
    standing = population.standing(question.number)
    if standing != "active":
        return _refused(standing)
    resource, remaining = None, None
    if question.feature is not None and question.feature != FEATURE:
        resource = f"{question.feature.removeprefix('create_')}s"
        if resource not in RESOURCES:
            return _refused("unknown_feature")
        remaining = population.remaining(question.number, RESOURCES.index(resource))
        if remaining == 0:
            return _refused("quota_exceeded", resource)
    told = {"valid": True, "remaining_quota": remaining, "resource": resource}
    return told | {"plan": PLAN, "expires_at": population.expires_at(question.number)}


def difference(right: dict[str, Any], answer: Any) -> str | None:
    """What is wrong with an answer, None where nothing is."""
    if not isinstance(answer, dict):
        return f"not an object: {answer!r}"
    for name, value in right.items():
        told = answer.get(name, "nothing")
        if name == "expires_at" and isinstance(told, str) and isinstance(value, str):
            if _moment(told) != _moment(value):
                return f"{name} is {told!r}, not {value!r}"
        elif told != value or type(told) is not type(value):
            return f"{name} is {told!r}, not {value!r}"
    return None if answer.get("checked_at") else "no checked_at"


def _refused(reason: str, resource: str | None = None) -> dict[str, Any]:
    return {"valid": False, "reason": reason, "remaining_quota": 0, "resource": resource}


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
