"""Refusals of subscriptions, as facts."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Invalid, NotFound


class SubscriptionNotFound(NotFound):
    code: ClassVar[str] = "subscription_not_found"
    title: ClassVar[str] = "There is no such subscription"


class SubscriptionNotPending(Conflict):
    code: ClassVar[str] = "subscription_not_pending"
    title: ClassVar[str] = "Only a subscription that has not begun can start"


class NotInThisState(Conflict):
    code: ClassVar[str] = "subscription_state"
    title: ClassVar[str] = "The subscription's present state does not allow this"


class AlreadyEnding(Conflict):
    code: ClassVar[str] = "subscription_ending"
    title: ClassVar[str] = "The subscription has been cancelled for the end of its period"


class NotEnding(Conflict):
    code: ClassVar[str] = "subscription_not_ending"
    title: ClassVar[str] = "The subscription is not cancelled"


class NothingChanges(Invalid):
    code: ClassVar[str] = "nothing_changes"
    title: ClassVar[str] = "This is what the subscription is already"


class ChangePending(Conflict):
    code: ClassVar[str] = "change_pending"
    title: ClassVar[str] = "Another change is open: pay or withdraw it first"


class ChangeNotFound(NotFound):
    code: ClassVar[str] = "change_not_found"
    title: ClassVar[str] = "There is no such change"


class ChangeNotOpen(Conflict):
    code: ClassVar[str] = "change_not_open"
    title: ClassVar[str] = "The change has been applied or is off already"


class DoesNotFit(Conflict):
    """`fields` names each resource, and how many of it have to go."""

    code: ClassVar[str] = "usage_does_not_fit"
    title: ClassVar[str] = "More is in use than the new limits allow"


class PreviewOutdated(Conflict):
    code: ClassVar[str] = "preview_outdated"
    title: ClassVar[str] = "The numbers have changed since they were shown: look at them again"


class ChargedOnce(Invalid):
    code: ClassVar[str] = "charged_once"
    title: ClassVar[str] = "What is charged once is ordered, not changed to"


class PriceTooEarly(Invalid):
    code: ClassVar[str] = "price_too_early"
    title: ClassVar[str] = "A price rise is announced some time ahead"


class NotSetAside(Conflict):
    code: ClassVar[str] = "not_set_aside"
    title: ClassVar[str] = "The billing run has not set it aside"


class RunNotFound(NotFound):
    code: ClassVar[str] = "billing_run_not_found"
    title: ClassVar[str] = "No such billing run"


class RunUnderWay(Conflict):
    code: ClassVar[str] = "billing_run_under_way"
    title: ClassVar[str] = "A billing run is under way already"


class RunNotRunning(Conflict):
    code: ClassVar[str] = "billing_run_not_running"
    title: ClassVar[str] = "The billing run is over"
