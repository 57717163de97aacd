"""What stands on machines and in licenses follows what the subscription is now: running, at rest, or over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import hosting, licensing, subscriptions
from nextbill.runtime.database import Tx

ACTOR = "system"
OVER = ("ended", "cancelled")
GONE = ("deleted", "refused", "cancelled")


async def follow(tx: Tx, subscription_id: UUID, *, zone: str, now: datetime) -> None:
    """As the subscription is now, whichever of its changes brought us here: so the order of events does not matter. May be repeated.

    At rest the account is suspended and the license answers no; over, the license is cancelled and the account stays suspended until staff deletes it:
    nothing is deleted by itself. What was never delivered is none of our business. AccountNotReady where an account is still being made."""
    found = await subscriptions.get_subscription(tx, subscription_id)
    if found.started_at is None:
        return
    await _license(tx, found, zone=zone, now=now)
    await _account(tx, found, now=now)


async def _license(tx: Tx, found: subscriptions.Subscription, *, zone: str, now: datetime) -> None:
    license_ = await licensing.license_for(tx, reference_type=subscriptions.ORDER_LINE, reference_id=found.order_line_id)
    if license_ is None or license_.state == "cancelled":
        return
    if found.state in OVER:
        await licensing.cancel_license(tx, license_id=license_.id, now=now)
        return
    if found.state == "paused":
        await licensing.suspend_license(tx, license_id=license_.id, reason="paused", now=now)
    else:
        await licensing.activate_license(tx, license_id=license_.id, reason="paused", now=now)
    if found.period is not None:
        await licensing.extend_license(tx, license_id=license_.id, expires_at=licensing.license_expiry(found.period.end, zone), now=now)


async def _account(tx: Tx, found: subscriptions.Subscription, *, now: datetime) -> None:
    account = await hosting.account_for(tx, reference_type=subscriptions.ORDER_LINE, reference_id=found.order_line_id)
    if account is None or account.state in GONE:
        return
    if found.state in OVER:
        await hosting.suspend_account(tx, account_id=account.id, reason="ended", actor=ACTOR, now=now)
    elif found.state == "paused":
        await hosting.suspend_account(tx, account_id=account.id, reason="paused", actor=ACTOR, now=now)
    else:
        await hosting.unsuspend_account(tx, account_id=account.id, reason="paused", actor=ACTOR, now=now)


async def follow_terms(tx: Tx, subscription_id: UUID, *, zone: str, now: datetime) -> None:
    """The license's plan, limits and end are the subscription's. What was cancelled stays so."""
    found = await subscriptions.get_subscription(tx, subscription_id)
    license_ = await licensing.license_for(tx, reference_type=subscriptions.ORDER_LINE, reference_id=found.order_line_id)
    if license_ is None or license_.state == "cancelled" or found.period is None:
        return
    await licensing.change_plan(
        tx,
        license_id=license_.id,
        plan_code=found.plan_code,
        plan_name=found.plan_name,
        limits=found.limits,
        features=list(found.features),
        now=now,
    )
    await licensing.extend_license(tx, license_id=license_.id, expires_at=licensing.license_expiry(found.period.end, zone), now=now)
