"""The requests of a panel as bytes, prepared before anything is measured; key and secret, or signed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from nextbill_lab.api import PREFIX
from nextbill_lab.bench import hammer
from nextbill_lab.others import signature
from nextbill_lab.system import PanelKey

VALIDATE, RESERVE, USAGE = f"{PREFIX}/licenses/validate", f"{PREFIX}/licenses/reservations", f"{PREFIX}/usage/update"
Form = Literal["secret", "signed"]


def message(api: str, path: str, body: dict[str, Any], *, key: PanelKey, form: Form = "secret", at: int = 0) -> bytes:
    """`at`: the signature's time in seconds, for the signed form."""
    content = json.dumps(body, separators=(",", ":")).encode()
    proof = {"X-API-Key": key.key, "X-API-Secret": key.secret}
    if form == "signed":
        proof = signature(key, method="POST", path=path, body=content, at=at)
    return hammer.request(f"{api}{path}", method="POST", headers={"Content-Type": "application/json", **proof}, body=content)


def messages(api: str, path: str, bodies: Iterable[dict[str, Any]], *, key: PanelKey, form: Form = "secret", at: int = 0) -> Sequence[bytes]:
    return [message(api, path, body, key=key, form=form, at=at) for body in bodies]


def answer_of(body: bytes) -> Any:
    """The decoded answer; None where it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
