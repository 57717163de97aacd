"""A billing of a few lines that speaks the wire format, keeps no rules but those a client meets, and misbehaves on demand. Only for tests."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_ID, SECRET = "npk_" + "a" * 24, "nps_" + "5" * 64
LICENSE_KEY, LICENSE_ID, SERVER_ID = "NP-7K4M-Q2XD-9TRW", "0190f3c8-5a5c-7d2e-8f6b-0d5d5f1b2a3c", "0190f3c8-0000-7000-8000-00000000beef"
HOUR = 3600


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")


@dataclass
class License:
    id: str = LICENSE_ID
    reason: str | None = None
    revision: int = 1
    plan: str = "professional"
    features: tuple[str, ...] = ("priority_support",)
    limits: dict[str, int | None] = field(default_factory=lambda: {"databases": 5, "domains": None})
    used: dict[str, int] = field(default_factory=lambda: {"databases": 3, "domains": 1})

    def left(self, resource: str) -> int | None:
        limit = self.limits[resource]
        return None if limit is None else max(0, limit - self.used[resource])


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    told: Any
    status: int = 0


class Billing:
    """`faults`: what happens to the next calls, in order: a status, "cut" (the deed is done, the answer lost), "hang", "page" (a proxy's), "redirect"."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.license = License()
        self.known_keys = {LICENSE_KEY}
        self.calls: list[Call] = []
        self.faults: list[Any] = []
        self.always: Any = None
        self.permissions = {"validate", "usage", "reservations", "leases"}
        self.skew = 0.0
        self.lease_hours = 72.0
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.holds: dict[str, dict[str, Any]] = {}
        self.revocations: list[dict[str, Any]] = []
        self.page_size = 100
        self.retry_after: str | None = None
        self.signing: dict[str, Ed25519PrivateKey] = {}
        self.new_signing_key("k1")

    def new_signing_key(self, kid: str, *, replacing: bool = False) -> None:
        if replacing:
            self.signing.clear()
        self.signing[kid] = Ed25519PrivateKey.generate()
        self.kid = kid

    def now(self) -> float:
        return time.time() + self.skew

    def asked(self, part: str) -> list[Call]:
        return [call for call in self.calls if part in call.path]

    def revoke(self, reason: str = "suspended") -> None:
        self.license.revision += 1
        self.revocations.append({"license_id": self.license.id, "reason": reason, "revision": self.license.revision, "at": utc(self.now())})

    def lease(self) -> str:
        now = int(self.now())
        claims = {
            "iss": self.url, "sub": self.license.id, "iat": now, "nbf": now, "exp": int(now + self.lease_hours * HOUR), "rev": self.license.revision, "srv": SERVER_ID,
            "plan": self.license.plan, "features": list(self.license.features), "limits": self.license.limits, "used": self.license.used,
        }  # fmt: skip
        return jwt.encode({**claims, **self.claims}, self.signing[self.kid], "EdDSA", {"kid": self.kid, "typ": "license-lease+jwt", **self.header})

    # what it answers

    def answer(self, call: Call, body: bytes) -> tuple[int, Any]:
        if call.path == "/.well-known/license-keys.json":
            return self._keys(call)
        refused = self._authenticate(call, body)
        if refused is not None:
            return refused
        path = call.path.partition("?")[0]
        if path.endswith("/validate"):
            return self._permitted("validate") or self._validate(call.told)
        if path.endswith("/revocations"):
            return self._permitted("leases") or self._feed(call)
        if path.endswith("/batch"):
            return self._permitted("usage") or self._batch(call.told)
        return self._permitted("reservations") or self._reservations(path, call.told)

    def _authenticate(self, call: Call, body: bytes) -> tuple[int, Any] | None:
        given, refused = call.headers, problem(401, "panel_not_authenticated")
        if given.get("x-api-key") != KEY_ID:
            return refused
        if "x-signature" not in given:
            return None if given.get("x-api-secret") == SECRET else refused
        stamp = given["x-timestamp"]
        message = "\n".join((stamp, call.method, call.path, hashlib.sha256(body).hexdigest()))
        right = hmac.compare_digest(hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest(), given["x-signature"])
        return None if right and abs(self.now() - int(stamp)) <= 300 else refused

    def _permitted(self, permission: str) -> tuple[int, Any] | None:
        return None if permission in self.permissions else problem(403, "panel_not_permitted")

    def _keys(self, call: Call) -> tuple[int, Any]:
        keys = []
        for kid, key in self.signing.items():
            x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
            keys.append({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x, "use": "sig", "alg": "EdDSA"})
        return 200, {"keys": keys}

    def _validate(self, told: Any) -> tuple[int, Any]:
        if told.get("lease") and "leases" not in self.permissions:
            return problem(403, "panel_not_permitted")
        if told.get("lease") and not self.signing:
            return problem(409, "no_signing_key")
        if len(told.get("feature") or "") > 64:
            return problem(422, "invalid", fields=[{"field": "feature", "message": "at most 64 characters"}])
        one, checked_at = self.license, utc(self.now())
        reason = "unknown_license" if told["license_key"].upper() not in self.known_keys else one.reason
        if reason:
            return 200, {"valid": False, "reason": reason, "error": "No", "remaining_quota": 0, "resource": None, "checked_at": checked_at}
        lease = {"lease": self.lease()} if told.get("lease") else {}
        feature = told.get("feature")
        resource = f"{feature[7:]}s" if feature and feature.startswith("create_") else None
        if feature and resource not in one.limits and feature not in one.features:
            return 200, {
                "valid": False,
                "reason": "unknown_feature",
                "error": "No",
                "remaining_quota": 0,
                "resource": None,
                "checked_at": checked_at,
                **lease,
            }
        left = one.left(resource) if resource in one.limits else None
        if left == 0:
            return 200, {
                "valid": False,
                "reason": "quota_exceeded",
                "error": "No",
                "remaining_quota": 0,
                "resource": resource,
                "checked_at": checked_at,
                **lease,
            }
        return 200, {
            "valid": True,
            "remaining_quota": left,
            "resource": resource,
            "expires_at": None,
            "plan": one.plan,
            "checked_at": checked_at,
            **lease,
        }

    def _feed(self, call: Call) -> tuple[int, Any]:
        after = parse_qs(call.path.partition("?")[2]).get("after", [None])[0]
        newest = str(len(self.revocations))
        if after is None:
            return 200, {"items": [], "next_cursor": newest, "poll_after_seconds": 30}
        if not after.isdigit():
            return problem(422, "invalid")
        items = self.revocations[int(after) : int(after) + self.page_size]
        return 200, {"items": items, "next_cursor": str(int(after) + len(items)), "poll_after_seconds": 30}

    def _batch(self, told: Any) -> tuple[int, Any]:
        if any(event["resource"] == "malformed!" for event in told["events"]):
            return problem(422, "invalid")
        return 200, {"results": [self._event(event) for event in told["events"]]}

    def _event(self, event: dict[str, Any]) -> dict[str, Any]:
        if event["event_id"] in self.events:
            return {"event_id": event["event_id"], "status": "known"}
        used = self.license.used.get(event["resource"], 0)
        used = {"created": used + event["count"], "deleted": used - event["count"], "set": event["count"]}[event["action"]]
        if used < 0:
            return {"event_id": event["event_id"], "status": "refused", "code": "usage_below_zero"}
        self.events[event["event_id"]] = event
        self.license.used[event["resource"]] = used
        return {"event_id": event["event_id"], "status": "applied", "used": used, "remaining_quota": None, "over_limit": False}

    def _reservations(self, path: str, told: Any) -> tuple[int, Any]:
        parts = path.split("/")
        if parts[-1] == "reservations":
            return self._hold(told)
        hold = self.holds.get(parts[-2])
        if hold is None:
            return problem(404, "reservation_not_found")
        if parts[-1] == "commit":
            if hold["status"] in {"released", "expired"}:
                return problem(409, "reservation_gone", reservation_status=hold["status"])
            hold["status"] = "committed"
        elif hold["status"] == "held":
            hold["status"] = "released"
            self.license.used[hold["resource"]] -= hold["quantity"]
        return 200, hold

    def _hold(self, told: Any) -> tuple[int, Any]:
        known = next((hold for hold in self.holds.values() if hold["external_id"] == told["external_id"]), None)
        if known:
            return (200, known) if known["quantity"] == told["quantity"] else problem(409, "external_id_reused")
        if self.license.reason:
            return problem(409, "license_refused", reason=self.license.reason)
        left = self.license.left(told["resource"])
        if left is not None and left < told["quantity"]:
            return problem(409, "quota_exceeded", resource=told["resource"], remaining_quota=left)
        self.license.used[told["resource"]] += told["quantity"]
        hold = {
            "id": str(uuid.uuid4()), "status": "held", "resource": told["resource"], "quantity": told["quantity"],
            "remaining_quota": self.license.left(told["resource"]), "expires_at": utc(self.now() + told["ttl_seconds"]), "external_id": told["external_id"],
        }  # fmt: skip
        self.holds[hold["id"]] = hold
        return 201, hold

    # how it is served

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        call = Call(scope["method"], path, headers, json.loads(body) if body else None)
        self.calls.append(call)
        fault = self.faults.pop(0) if self.faults else self.always
        call.status, told = self.answer(call, body) if fault in {None, "cut"} else (fault, None) if isinstance(fault, int) else (200, None)
        if fault == "hang":
            await asyncio.sleep(30)
        await self._send(send, call, fault, told)

    async def _send(self, send: Any, call: Call, fault: Any, told: Any) -> None:
        text = b"<html>Sign in to this network</html>" if fault == "page" else json.dumps(told).encode()
        etag = f'"{hashlib.sha256(text).hexdigest()[:16]}"'
        if call.headers.get("if-none-match") == etag:
            call.status, text = 304, b""
        call.status = 307 if fault == "redirect" else call.status
        length = len(text) + (50 if fault == "cut" else 0)
        headers = {"date": formatdate(self.now(), usegmt=True), "content-length": str(length), "content-type": "application/json"}
        if call.method == "GET":
            headers["etag"] = etag
        if fault == "redirect":
            headers["location"] = "https://elsewhere.example/"
        if self.retry_after is not None and call.status in {429, 503}:
            headers["retry-after"] = self.retry_after
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": call.status, "headers": raw})
        if fault != "cut":
            await send({"type": "http.response.body", "body": text})


def problem(status: int, code: str, **more: Any) -> tuple[int, Any]:
    return status, {"type": "about:blank", "title": code, "detail": "", "code": code, "status": status, **more}


@contextmanager
def serving() -> Iterator[Billing]:
    billing = Billing()
    config = uvicorn.Config(
        billing, host="127.0.0.1", port=0, log_level="critical", lifespan="off", date_header=False, server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    billing.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield billing
    finally:
        server.should_exit = True
        thread.join()
