"""What can be done with subscriptions."""

from nextbill.capabilities.subscriptions.commands.begin import cancel_undelivered, create_subscription, start_period

__all__ = ["cancel_undelivered", "create_subscription", "start_period"]
