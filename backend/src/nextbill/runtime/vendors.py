"""What a call to the outside can come to, for every port: three errors in our words. A timeout is never a failure by itself."""

from __future__ import annotations

from contextvars import ContextVar

_request_id: ContextVar[str | None] = ContextVar("vendor_request_id", default=None)


def note_request(request_id: str | None) -> None:
    """An adapter's client tells the vendor's own reference of the exchange that it has just had."""
    _request_id.set(request_id)


def noted_request() -> str | None:
    """Of the last exchange in this task, for the step's log."""
    return _request_id.get()


class VendorError(Exception):
    """`reason` is a short stable word, `detail` the vendor's text for staff, `request_id` the vendor's own reference."""

    def __init__(self, reason: str, detail: str = "", *, request_id: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.request_id = request_id


class VendorRejected(VendorError):
    """Final: the vendor understood and refused. `fields` names the inputs at fault."""

    def __init__(self, reason: str, detail: str = "", fields: dict[str, str] | None = None, *, request_id: str | None = None) -> None:
        super().__init__(reason, detail, request_id=request_id)
        self.fields = fields or {}


class VendorUnavailable(VendorError):
    """Certainly not done: may be tried again, after `retry_after` seconds where the vendor said so."""

    def __init__(self, reason: str, detail: str = "", retry_after: float | None = None, *, request_id: str | None = None) -> None:
        super().__init__(reason, detail, request_id=request_id)
        self.retry_after = retry_after


class VendorUnknown(VendorError):
    """Perhaps done, perhaps not: look before any retry."""
