"""The questions that a panel asks, tried out with the panel's own key against a sandbox: proofs, quotas, usage, leases."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import jwt

from nextbill_lab.conformance.findings import Broken, Findings, expect, must

PART: Final = "questions"
VALIDATE: Final = "/api/v1/licenses/validate"
SKEW_MAX: Final = 300


@dataclass
class QuestionChecks:
    """`license_key`: of the sandbox, with something free of `resource`; what is reserved and counted is given back."""

    url: str
    api_key: str
    api_secret: str
    license_key: str
    resource: str
    findings: Findings
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20) as client:
            self._client = client
            self._clock()
            self._proofs()
            self._reservations()
            self._usage()
            self._leases()

    def _plain(self) -> dict[str, str]:
        return {"X-API-Key": self.api_key, "X-API-Secret": self.api_secret}

    def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self._client.post(path, json=body, headers=self._plain())

    def _clock(self) -> None:
        def skew() -> str:
            answer = self._client.get("/health")
            away = abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time())
            must(away <= SKEW_MAX, f"this clock is {away:.0f} s away from billing's: signatures are refused beyond {SKEW_MAX} s")
            return f"{away:.0f} s apart"

        self.findings.check(PART, "the panel's clock agrees with billing's", skew)

    def _proofs(self) -> None:
        def secret() -> str:
            said = expect(self._ask(VALIDATE, {"license_key": self.license_key}), 200).json()
            must(said["valid"], f"this license is refused: {said.get('reason')}")
            return f"plan {said['plan']}"

        def signed() -> None:
            body = json.dumps({"license_key": self.license_key}).encode()
            stamp = str(int(time.time()))
            message = "\n".join((stamp, "POST", VALIDATE, hashlib.sha256(body).hexdigest()))
            signature = hmac.new(self.api_secret.encode(), message.encode(), hashlib.sha256).hexdigest()
            headers = {"X-API-Key": self.api_key, "X-Timestamp": stamp, "X-Signature": signature}
            expect(self._client.post(VALIDATE, content=body, headers=headers), 200)
            expect(self._client.post(VALIDATE, content=body + b" ", headers=headers), 401)

        def unknown_feature() -> None:
            said = expect(self._ask(VALIDATE, {"license_key": self.license_key, "feature": "create_unicorn"}), 200).json()
            must((said["valid"], said["reason"]) == (False, "unknown_feature"), "a feature that no plan has is refused by name")

        self.findings.check(PART, "key and secret are taken", secret)
        self.findings.check(PART, "a signed request is taken, an altered one refused", signed)
        self.findings.check(PART, "a refusal is a 200 with its reason", unknown_feature)

    def _reservations(self) -> None:
        def hold_and_release() -> None:
            body = {"license_key": self.license_key, "resource": self.resource, "external_id": f"conf-{self.mark}", "ttl_seconds": 60}
            first = expect(self._ask("/api/v1/licenses/reservations", body), 201).json()
            again = expect(self._ask("/api/v1/licenses/reservations", body), 200).json()
            must(first["id"] == again["id"], "the same external_id is the same reservation")
            gone = expect(self._ask(f"/api/v1/licenses/reservations/{first['id']}/release", {}), 200).json()
            must(gone["status"] == "released", "it is released")
            expect(self._ask(f"/api/v1/licenses/reservations/{first['id']}/commit", {}), 409)

        self.findings.check(PART, f"one of {self.resource} is held, held once, and given back", hold_and_release)

    def _usage(self) -> None:
        def counted() -> str:
            body = {"license_key": self.license_key, "resource": self.resource, "action": "created", "event_id": f"conf-{self.mark}-1"}
            first = expect(self._ask("/api/v1/usage/update", body), 200).json()
            again = expect(self._ask("/api/v1/usage/update", body), 200).json()
            back = expect(self._ask("/api/v1/usage/update", body | {"action": "deleted", "event_id": f"conf-{self.mark}-2"}), 200).json()
            must((first["applied"], again["applied"]) == (True, False), "an event counts once")
            must(again["used"] == first["used"] == back["used"] + 1, "what is counted can be taken back")
            return f"{back['used']} used"

        self.findings.check(PART, "what is created and deleted is counted, each event once", counted)

    def _leases(self) -> None:
        def lease() -> str:
            said = expect(self._ask(VALIDATE, {"license_key": self.license_key, "lease": True}), 200).json()
            keys = {key["kid"]: key for key in expect(self._client.get("/.well-known/license-keys.json"), 200).json()["keys"]}
            kid = jwt.get_unverified_header(said["lease"])["kid"]
            if kid not in keys:
                raise Broken("the lease is signed with a key that is not published")
            claims = jwt.decode(said["lease"], jwt.PyJWK(keys[kid]), algorithms=["EdDSA"], leeway=SKEW_MAX)
            must({"sub", "exp", "limits", "used", "rev"} <= set(claims), "the lease says what is allowed")
            return f"good for {(claims['exp'] - time.time()) / 3600:.0f} hours"

        def feed() -> None:
            answer = expect(self._client.get("/api/v1/licenses/revocations", headers=self._plain()), 200)
            again = self._client.get(
                "/api/v1/licenses/revocations",
                params={"after": answer.json()["next_cursor"]},
                headers=self._plain(),
            )
            expect(again, 200)

        self.findings.check(PART, "a lease is signed with a published key and not yet over", lease)
        self.findings.check(PART, "the feed of revocations is read from its newest place on", feed)
