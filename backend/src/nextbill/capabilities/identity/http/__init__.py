"""The routes of identity, and how a request tells who calls."""

from __future__ import annotations

from fastapi import APIRouter

from nextbill.capabilities.identity.http import audit_log, browser, mailbox, panel_keys, sessions, users
from nextbill.capabilities.identity.http.authentication import authenticator, client_address, idempotency_scope
from nextbill.capabilities.identity.http.pages import pages

router = APIRouter()
for part in (sessions, browser, mailbox, users, panel_keys, audit_log):
    router.include_router(part.router)

__all__ = ["authenticator", "client_address", "idempotency_scope", "pages", "router"]
