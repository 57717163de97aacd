"""The calls that billing makes at a panel, tried out on an account that is made for it and deleted again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from nextbill_lab.conformance.findings import Findings, NotOffered, expect, must

PART: Final = "panel"
ACCOUNTS: Final = "/api/v1/billing/accounts"
STATS: Final = (
    "user_id", "username", "email", "total_domains", "total_databases", "total_email_accounts", "total_ssl_certificates", "storage_used",
    "last_login", "account_age_days",
)  # fmt: skip


@dataclass
class PanelChecks:
    url: str
    api_key: str
    api_secret: str
    findings: Findings
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20, headers={"X-API-Key": self.api_key, "X-API-Secret": self.api_secret}) as client:
            self._client = client
            self._doors()
            made = self._creation()
            if made is None:
                return
            try:
                self._account(str(made["id"]))
                self._optional(str(made["id"]))
            finally:
                self._deletion(str(made["id"]))

    def _new(self) -> dict[str, Any]:
        return {
            "username": f"conf{self.mark}",
            "email": f"conf{self.mark}@example.com",
            "password": f"Aa1!{secrets.token_hex(8)}",
            "full_name": "Conformance Check",
            "phone": "",
            "company": "",
            "package_id": None,
            "billing_id": f"conformance-{self.mark}",
            "metadata": {"limits": {"databases": 2}},
        }

    def _doors(self) -> None:
        check = self.findings.check

        def health() -> None:
            expect(httpx.get(f"{self.url}/api/health", timeout=20), 200)

        def stranger() -> None:
            answer = expect(httpx.post(f"{self.url}{ACCOUNTS}", json=self._new(), timeout=20), 401, 403)
            must("detail" in answer.json(), 'errors are {"detail": …}')

        def wrong_secret() -> None:
            headers = {"X-API-Key": self.api_key, "X-API-Secret": "nps_wrong"}
            expect(httpx.post(f"{self.url}{ACCOUNTS}", json=self._new(), headers=headers, timeout=20), 401)

        def bad_input() -> None:
            answer = expect(self._client.post(ACCOUNTS, json={"username": 7}), 422)
            must("detail" in answer.json(), 'errors are {"detail": …}')

        check(PART, "GET /api/health answers without a key", health)
        check(PART, "without a key nothing is done", stranger)
        check(PART, "a wrong secret is refused", wrong_secret)
        check(PART, "bad input is a 422 that says why", bad_input)

    def _creation(self) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        body = self._new()

        def create() -> str:
            made.update(expect(self._client.post(ACCOUNTS, json=body), 201).json())
            must({"id", "username", "email"} <= set(made), f"the answer names id, username and email, not only {sorted(made)}")
            must((made["username"], made["email"]) == (body["username"], body["email"]), "user name and e-mail come back as they were sent")
            return f"account {made['id']}"

        if not self.findings.check(PART, "an account is made", create):
            return made or None

        def twice() -> None:
            expect(self._client.post(ACCOUNTS, json=body), 409)

        self.findings.check(PART, "the same user name again is a 409", twice)
        return made

    def _account(self, account: str) -> None:
        check = self.findings.check

        def show() -> None:
            found = expect(self._client.get(f"{ACCOUNTS}/{account}"), 200).json()
            must(str(found["id"]) == account, "the account is found by its id")
            expect(self._client.get(f"{ACCOUNTS}/no-such-account"), 404)

        def suspend() -> None:
            for _ in range(2):
                expect(self._client.post(f"{ACCOUNTS}/{account}/suspend", json={"reason": "conformance"}), 200)

        def unsuspend() -> None:
            for _ in range(2):
                expect(self._client.post(f"{ACCOUNTS}/{account}/unsuspend"), 200)

        def stats() -> None:
            found = expect(self._client.get(f"{ACCOUNTS}/{account}/stats"), 200).json()
            missing = [name for name in STATS if name not in found]
            must(not missing, f"the figures lack {', '.join(missing)}")

        check(PART, "an account is found by its id, and another is a 404", show)
        check(PART, "suspending, also twice", suspend)
        check(PART, "lifting a suspension, also twice", unsuspend)
        check(PART, "figures of an account", stats)

    def _optional(self, account: str) -> None:
        """What billing probes for and does without where it is absent."""
        check = self.findings.check

        def found_by_billing_id() -> None:
            found = self._offered(self._client.get(ACCOUNTS, params={"billing_id": f"conformance-{self.mark}"})).json()
            one = found[0] if isinstance(found, list) and found else found
            must(isinstance(one, dict) and str(one.get("id")) == account, "the account is found by the billing_id it was made with")
            expect(self._client.get(ACCOUNTS, params={"billing_id": f"nobody-{self.mark}"}), 404)

        def listed() -> None:
            must(isinstance(self._offered(self._client.get(ACCOUNTS, params={"page": 1})).json(), list), "a page is a list of accounts")

        def limits() -> None:
            self._offered(self._client.patch(f"{ACCOUNTS}/{account}", json={"limits": {"max_databases": 3}}))

        def password() -> None:
            self._offered(self._client.post(f"{ACCOUNTS}/{account}/password", json={"password": f"Bb2?{secrets.token_hex(8)}"}))

        def login() -> None:
            must(self._offered(self._client.post(f"{ACCOUNTS}/{account}/login-token")).json().get("url"), "a one-time link is told as url")

        check(PART, "a lost answer is recovered by GET …?billing_id=", found_by_billing_id)
        check(PART, "all accounts by GET …?page=", listed)
        check(PART, "limits changed by PATCH", limits)
        check(PART, "a new password is set", password)
        check(PART, "a one-time login link", login)

    def _offered(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code in (404, 405, 422, 501):
            raise NotOffered(f"answered {answer.status_code}; billing does without")
        return expect(answer, 200, 201)

    def _deletion(self, account: str) -> None:
        def delete() -> None:
            expect(self._client.delete(f"{ACCOUNTS}/{account}"), 200, 204)
            expect(self._client.get(f"{ACCOUNTS}/{account}"), 404)

        self.findings.check(PART, "an account is deleted, and gone", delete)
