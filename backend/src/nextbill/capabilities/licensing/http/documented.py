"""The license path in the API's description: from the same structs that it reads and writes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from nextbill.capabilities import identity
from nextbill.capabilities.licensing import errors
from nextbill.capabilities.licensing.http import shapes
from nextbill.capabilities.licensing.http.throttle import RateLimited
from nextbill.kernel.errors import Invalid, Problem
from nextbill.runtime.batching import Unavailable
from nextbill.runtime.web.problem import MEDIA_TYPE
from nextbill.runtime.web.table import BodyTooLarge, NotJson

PREFIX: Final = "/api/v1"
_PANEL: Final = (identity.PanelRefused, identity.PanelKeyInvalid, identity.PanelNotPermitted, RateLimited, Unavailable)
_INPUT: Final = (NotJson, Invalid, BodyTooLarge)
_ID: Final = {"name": "reservation_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_SCHEMES: Final = {
    "PanelKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`npk_…`, with one of the two proofs"},
    "PanelSecret": {"type": "apiKey", "in": "header", "name": "X-API-Secret", "description": "`nps_…`, over TLS"},
    "PanelSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Signature",
        "description": "Hex HMAC-SHA256 by the secret of timestamp, method, path with query and the body's SHA-256 in hex, by line; with X-Timestamp",
    },
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{"PanelKey": [], "PanelSecret": []}, {"PanelKey": [], "PanelSignature": []}]


class _Operation(NamedTuple):
    method: str
    path: str
    name: str
    summary: str
    takes: type[msgspec.Struct] | None
    answers: dict[int, tuple[type[msgspec.Struct], ...]]
    problems: tuple[type[Problem], ...]
    parameters: tuple[dict[str, Any], ...] = ()
    tag: str = "licenses"
    open: bool = False


_RESERVATION: Final = (shapes.ReservationAnswer,)
_FEED: Final = (
    {
        "name": "after",
        "in": "query",
        "schema": {"type": "string"},
        "description": "The last next_cursor; 0 from the oldest kept; left out: only the newest cursor",
    },
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}},
)
OPERATIONS: Final = (
    _Operation("post", f"{PREFIX}/licenses/validate", "validate_license", "May the holder of this license do this now? Writes nothing",
               shapes.ValidateBody, {200: (shapes.Allowed, shapes.Refused)}, (*_PANEL, *_INPUT, errors.NoSigningKey)),
    _Operation("post", f"{PREFIX}/licenses/reservations", "reserve_quota", "Hold units of a quota until they are committed, released or the time is up",
               shapes.ReserveBody, {201: _RESERVATION, 200: _RESERVATION},
               (*_PANEL, *_INPUT, errors.QuotaExceeded, errors.LicenseRefused, errors.ExternalIdReused)),
    _Operation("post", f"{PREFIX}/licenses/reservations/{{reservation_id}}/commit", "commit_reservation", "What was held is used from now on",
               None, {200: _RESERVATION}, (*_PANEL, errors.ReservationNotFound, errors.ReservationGone), (_ID,)),
    _Operation("post", f"{PREFIX}/licenses/reservations/{{reservation_id}}/release", "release_reservation", "Give back what was held",
               None, {200: _RESERVATION}, (*_PANEL, errors.ReservationNotFound, errors.ReservationCommitted), (_ID,)),
    _Operation("post", f"{PREFIX}/usage/update", "update_usage", "Tell what came to exist or no longer does; each event counts once",
               shapes.UsageBody, {200: (shapes.UsageAnswer,)}, (*_PANEL, *_INPUT, errors.LicenseNotFound, errors.LicenseRefused, errors.UsageBelowZero),
               (), "usage"),
    _Operation("post", f"{PREFIX}/usage/batch", "update_usage_in_batch", "Up to 500 such events; each stands alone",
               shapes.UsageBatchBody, {200: (shapes.UsageBatchAnswer,)}, (*_PANEL, *_INPUT), (), "usage"),
    _Operation("get", f"{PREFIX}/licenses/revocations", "list_license_revocations", "Which leases are void; polled",
               None, {200: (shapes.RevocationsAnswer,), 304: ()}, (*_PANEL, Invalid), _FEED),
    _Operation("get", "/.well-known/license-keys.json", "list_license_public_keys", "The keys that leases are checked by",
               None, {200: (shapes.PublicKeys,), 304: ()}, (Unavailable,), (), "licenses", True),
)  # fmt: skip


def describe_panels(document: dict[str, Any]) -> None:
    """Adds the operations, their shapes and how panels prove themselves."""
    structs = {struct for operation in OPERATIONS for struct in _structs(operation)}
    ordered = sorted(structs, key=lambda struct: struct.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    document["components"].setdefault("schemas", {}).update(components)
    document["components"].setdefault("securitySchemes", {}).update(_SCHEMES)
    for operation in OPERATIONS:
        document["paths"].setdefault(operation.path, {})[operation.method] = _operation(operation)


def _structs(operation: _Operation) -> list[type[msgspec.Struct]]:
    taken = [operation.takes] if operation.takes else []
    return [*taken, *(struct for answers in operation.answers.values() for struct in answers)]


def _operation(operation: _Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": operation.summary,
        "operationId": operation.name,
        "responses": {**{str(status): _answer(structs) for status, structs in operation.answers.items()}, **_refusals(operation.problems)},
    }
    if not operation.open:
        described["security"] = _SECURITY
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.takes:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(operation.takes)}}}
    return described


def _answer(structs: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    if not structs:
        return {"description": "Not changed: it is still what the ETag in If-None-Match stands for"}
    options = [_reference(struct) for struct in structs]
    schema = options[0] if len(options) == 1 else {"anyOf": options}
    return {"description": "Answered", "content": {"application/json": {"schema": schema}}}


def _reference(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{struct.__name__}"}


def _refusals(problems: tuple[type[Problem], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for problem in problems:
        schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
        refusal = found.setdefault(str(problem.status), {"description": "", "content": {MEDIA_TYPE: {**schema, "examples": {}}}})
        example = {"code": problem.code, "title": problem.title, "status": problem.status}
        refusal["content"][MEDIA_TYPE]["examples"][problem.code] = {"value": example}
        refusal["description"] = ", ".join(sorted({problem.code, *filter(None, refusal["description"].split(", "))}))
    return found
