"""What the description of the API says of every route alike, so that no route has to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from nextbill.runtime.web import problem
from nextbill.runtime.web.origin import SAFE_METHODS, CrossSiteRequest
from nextbill.runtime.web.problem import MEDIA_TYPE


def describe(app: FastAPI, *more: Callable[[dict[str, Any]], None]) -> None:
    """Operations that change something and take a session's cookie tell that they may be refused for it.

    `more` add what is answered in front of the app, which the framework does not know of.
    """
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        known = app.openapi_schema is not None
        document = plain()
        for item in () if known else document["paths"].values():
            for method, operation in item.items():
                if method.upper() not in SAFE_METHODS and operation.get("security"):
                    _name_refusal(operation["responses"])
        for add in () if known else (_name_problems, *more):
            add(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _name_problems(document: dict[str, Any]) -> None:
    found = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted({**found, **problem.schemas()}.items()))


def _name_refusal(responses: dict[str, Any]) -> None:
    refusal = responses.setdefault(str(CrossSiteRequest.status), {"description": "", "content": dict(problem.IN_JSON)})
    examples = refusal["content"].setdefault(MEDIA_TYPE, {}).setdefault("examples", {})
    value = {"code": CrossSiteRequest.code, "title": CrossSiteRequest.title, "status": CrossSiteRequest.status}
    examples[CrossSiteRequest.code] = {"value": value}
    refusal["description"] = ", ".join(sorted({CrossSiteRequest.code, *filter(None, refusal["description"].split(", "))}))
