"""Refusals of customers."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import NotFound, Problem


class UnknownCustomer(NotFound):
    code, title = "customer_not_found", "There is no such customer"


class IncompleteContact(Problem):
    """`fields` names each missing field, with what to do; paths are those of the profile and the address."""

    code: ClassVar[str] = "incomplete_contact"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "Your contact data is not complete enough for this"
