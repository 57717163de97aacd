"""What a caller may send, checked as FastAPI checks it."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.requests import Request

# Not pydantic's EmailStr: it refuses the reserved test names, which sandboxes are full of.
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Username = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{2,31}$")]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
Limits = dict[str, Annotated[int, Field(ge=0)] | None]
Shape = TypeVar("Shape", bound=BaseModel)


class NewAccount(BaseModel):
    username: Username
    email: Email
    password: Password
    full_name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    phone: str | None = None
    company: str | None = None
    package_id: str | None = None
    billing_id: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class Features(BaseModel):
    max_accounts: Annotated[int, Field(ge=0)] | None = None
    max_domains: Annotated[int, Field(ge=0)] | None = None
    max_databases: Annotated[int, Field(ge=0)] | None = None
    max_emails: Annotated[int, Field(ge=0)] | None = None


class Provision(BaseModel):
    license_key: Annotated[str, StringConstraints(min_length=4, max_length=64)]
    email: Email
    plan: str
    features: Features


class Suspension(BaseModel):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class LimitsChange(BaseModel):
    limits: Limits


class PasswordChange(BaseModel):
    password: Password


class Unprocessable(Exception):
    """Carries FastAPI's list of errors: loc, msg, type, input."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("unprocessable")
        self.errors = errors


async def parse(request: Request, shape: type[Shape]) -> Shape:
    try:
        body = json.loads(await request.body() or b"null")
    except ValueError:
        raise Unprocessable([{"type": "json_invalid", "loc": ["body", 0], "msg": "JSON decode error", "input": {}}]) from None
    if not isinstance(body, dict):
        raise Unprocessable([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}])
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        found = json.loads(error.json(include_url=False, include_context=False))
        raise Unprocessable([{**item, "loc": ["body", *item["loc"]]} for item in found]) from None
