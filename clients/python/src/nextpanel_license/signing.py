"""Both ways in which a panel proves who it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


def signature(secret: str, *, timestamp: int, method: str, path_and_query: str, body: bytes) -> str:
    """X-Signature: hex HMAC-SHA256 over time, method, path with query, and the body's hash."""
    message = "\n".join((str(timestamp), method.upper(), path_and_query, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class PanelKey:
    """`npk_…` and `nps_…` as `nextbill panel-keys create` shows them. `signs`: the secret itself never travels (preferred)."""

    key_id: str
    secret: str = field(repr=False)
    signs: bool = True

    def headers(self, *, timestamp: int, method: str, path_and_query: str, body: bytes) -> dict[str, str]:
        if not self.signs:
            return {"X-API-Key": self.key_id, "X-API-Secret": self.secret}
        made = signature(self.secret, timestamp=timestamp, method=method, path_and_query=path_and_query, body=body)
        return {"X-API-Key": self.key_id, "X-Timestamp": str(timestamp), "X-Signature": made}
