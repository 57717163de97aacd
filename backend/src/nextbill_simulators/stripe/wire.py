"""The way of one API request: who asks, under which version and key, what is asked, and the answer in Stripe's dress."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import idempotency, mishaps
from nextbill_simulators.stripe.errors import StripeError, unforeseen
from nextbill_simulators.stripe.expansion import expanded
from nextbill_simulators.stripe.form import TEXT, Tree, conform, decode
from nextbill_simulators.stripe.idempotency import Keys
from nextbill_simulators.stripe.sandbox import API_VERSION, Sandbox, new_id

NO_PARAMS: dict[str, Any] = {}


@dataclass
class Call:
    """What a handler is given: the account, the path's parts, and typed parameters."""

    sandbox: Sandbox
    path: Mapping[str, str]
    params: Tree


@dataclass(frozen=True)
class Operation:
    """One endpoint. The handler is synchronous: it runs in one transaction, without interleaving."""

    method: str
    path: str
    handler: Callable[[Call], Document]
    shape: dict[str, Any] = field(default_factory=lambda: NO_PARAMS)


@dataclass
class Answer:
    status: int
    body: Document
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request that may enter: authenticated, with its raw body at hand."""

    request: Request
    body: bytes
    request_id: str
    key: str | None
    mishap: Document | None

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def mark(self) -> str:
        return idempotency.fingerprint(self.request.method, self.path, self.body)


class Wire:
    """Turns operations into routes. `catch_up` lets what has fallen due happen before each request."""

    def __init__(self, sandbox: Sandbox, catch_up: Callable[[], None]) -> None:
        self._sandbox, self._catch_up = sandbox, catch_up
        self._keys = Keys(sandbox)

    def route(self, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._serve(request, operation)

        return Route(operation.path, endpoint, methods=[operation.method])

    def unknown_route(self) -> Route:
        async def endpoint(request: Request) -> Response:
            message = f"Unrecognized request URL ({request.method}: {request.url.path}). The sandbox simulator may not know this endpoint."
            return _dressed(_refusal(StripeError(404, message)), new_id("req", 14), None)

        return Route("/v1/{rest:path}", endpoint, methods=["GET", "POST", "DELETE", "PUT", "PATCH"])

    async def _serve(self, request: Request, operation: Operation) -> Response:
        request_id = new_id("req", 14)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        try:
            body = await request.body()
            self._admit(request)
            self._catch_up()
            asked = Asked(request, body, request_id, key, self._mishap(request, key))
            answer = await self._answer(asked, operation)
        except StripeError as error:
            answer = _refusal(error)
        return _dressed(answer, request_id, key)

    def _admit(self, request: Request) -> None:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise StripeError(401, "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.")
        expected = self._sandbox.option("api_key")
        if not secret.startswith("sk_test_") or (expected and secret != expected):
            raise StripeError(401, f"Invalid API Key provided: {secret[:8]}{'*' * 8}{secret[-4:]}", code="api_key_invalid")
        version = request.headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise StripeError(400, f"Invalid Stripe API version: {version}. The sandbox simulator speaks {API_VERSION} only.")

    def _mishap(self, request: Request, key: str | None) -> Document | None:
        mishap = mishaps.draw(self._sandbox.store, f"{request.method} {request.url.path}")
        if mishap and mishap["kind"] == "conflict_409":
            raise idempotency.in_use(key or "none")
        if mishap and mishap["kind"] == "rate_limit_429":
            raise StripeError(429, "Request rate limit exceeded.", code="rate_limit")
        return mishap

    async def _answer(self, asked: Asked, operation: Operation) -> Answer:
        if asked.key is None:
            return await self._execute(asked, operation)
        kept = self._keys.recall(asked.key, path=asked.path, mark=asked.mark)
        if kept is not None:
            return Answer(kept["status"], kept["body"], {"Idempotent-Replayed": "true", "Original-Request": kept["request_id"]})
        self._keys.start(asked.key)
        try:
            return await self._execute(asked, operation)
        finally:
            self._keys.stop(asked.key)

    async def _execute(self, asked: Asked, operation: Operation) -> Answer:
        tree = decode(asked.body.decode() if asked.request.method == "POST" else asked.request.url.query)
        call = Call(self._sandbox, asked.request.path_params, conform(tree, {**operation.shape, "expand": [TEXT]}))
        if asked.mishap and asked.mishap["kind"] == "slow_execution":
            await asyncio.sleep(asked.mishap["seconds"])
        self._sandbox.cause = {"id": asked.request_id, "idempotency_key": asked.key}
        try:
            with self._sandbox.store.transaction():
                answer = self._outcome(asked, operation, call)
                if asked.key is not None:
                    self._keys.keep(asked.key, path=asked.path, mark=asked.mark, status=answer.status, body=answer.body, request_id=asked.request_id)
        finally:
            self._sandbox.cause = None
        return answer

    def _outcome(self, asked: Asked, operation: Operation, call: Call) -> Answer:
        """A refusal before the work began leaves the transaction (and the key) as they were; any later one is an answer like another."""
        failing = asked.mishap is not None and asked.mishap["kind"] == "stored_500"
        try:
            if failing and asked.mishap is not None and not asked.mishap["executed"]:
                raise unforeseen()
            done = expanded(self._sandbox, operation.handler(call), call.params.get("expand", []))
            if failing:
                raise unforeseen()
        except StripeError as error:
            if not error.began:
                raise
            return _refusal(error)
        return Answer(200, done)


def _refusal(error: StripeError) -> Answer:
    return Answer(error.status, error.body(), {"WWW-Authenticate": 'Bearer realm="Stripe"'} if error.status == 401 else {})


def _dressed(answer: Answer, request_id: str, key: str | None) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, **answer.headers}
    if key:
        headers["Idempotency-Key"] = key
    body = answer.body
    if "error" in body:
        body = {"error": {**body["error"], "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}}
    return Response(json.dumps(body, indent=2), answer.status, headers, "application/json")
