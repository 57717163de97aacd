"""What the gateway tells us by itself: verified over the raw bytes, kept once, looked at later."""

from __future__ import annotations

from fastapi import APIRouter, Request

from nextbill.capabilities.payments import commands
from nextbill.capabilities.payments.errors import BadSignature, StaleWebhook, UnreadableWebhook
from nextbill.capabilities.payments.http.bodies import Acknowledged
from nextbill.capabilities.payments.http.desk import Desk
from nextbill.capabilities.payments.ports import WebhookRefused
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx

_REFUSALS = {"signature": BadSignature, "stale": StaleWebhook, "unreadable": UnreadableWebhook}


def make_router(desk: Desk) -> APIRouter:
    router = APIRouter(tags=["payments"])

    @router.post(
        "/payments/webhook", operation_id="receive_payment_webhook", responses=problem.responses(BadSignature, StaleWebhook, UnreadableWebhook)
    )
    async def webhook(ctx: Ctx, request: Request) -> Acknowledged:
        """For the gateway alone. 200 means kept (or not ours); whatever follows happens in a job."""
        raw, now = await request.body(), ctx.clock.now()
        try:
            event = desk.gateway.verify_webhook(raw, request.headers, now=now)
        except WebhookRefused as refusal:
            raise _REFUSALS[refusal.reason] from refusal
        async with ctx.database.writing(Role.WORK) as tx:
            stored = await commands.receive(tx, event, installation=desk.gateway.installation, live=ctx.settings.live, cipher=ctx.cipher, now=now)
        return Acknowledged(stored=stored)

    return router
