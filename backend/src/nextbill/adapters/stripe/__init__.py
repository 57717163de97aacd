"""Stripe behind payments' port `PaymentGateway`: hosted Checkout only. The one place that imports the SDK."""

from nextbill.adapters.stripe.gateway import StripeGateway

__all__ = ["StripeGateway"]
