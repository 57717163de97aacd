"""Facts that nobody hears yet; they are kept all the same."""

from __future__ import annotations

from nextbill.capabilities import customers, hosting, identity, invoicing, licensing, orders, payments, subscriptions
from nextbill.kernel.events import Event

UNHEARD: list[type[Event]] = [
    customers.CustomerRegistered,
    hosting.AccountChangeParked,
    hosting.AccountDeleted,
    hosting.AccountSuspended,
    hosting.AccountUnsuspended,
    hosting.ServerCameUp,
    hosting.ServerWentDown,
    identity.LoginCreated,
    invoicing.PaymentApplied,
    licensing.LicenseActivated,
    licensing.LicenseCancelled,
    licensing.LicenseIssued,
    licensing.LicenseKeyRotated,
    licensing.LicenseLimitsChanged,
    licensing.LicenseMoved,
    licensing.LicenseSuspended,
    orders.OrderCancelled,
    payments.DefaultMethodChanged,
    payments.PaymentExpired,
    payments.PaymentFailed,
    payments.RefundRequested,
    payments.SurplusReceived,
    subscriptions.SubscriptionCreated,
]
