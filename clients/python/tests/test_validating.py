"""May I? Over real HTTP, by both header forms, and every way in which billing may refuse."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import nextpanel_license as np
from both_ways import Hand, Make
from tiny_billing import KEY_ID, LICENSE_KEY, SECRET, Billing


@pytest.mark.parametrize("sign", [True, False])
def test_billing_says_yes(make: Make, billing: Billing, sign: bool) -> None:
    verdict = make(sign=sign).validate("create_database")

    assert verdict
    assert (verdict.source, verdict.resource, verdict.remaining_quota, verdict.plan) == ("billing", "databases", 2, "professional")
    sent = billing.asked("validate")[0].headers
    assert ("x-api-secret" in sent) is not sign


@pytest.mark.parametrize("reason", ["suspended", "expired", "cancelled", "wrong_server"])
def test_a_refused_license(make: Make, billing: Billing, reason: str) -> None:
    billing.license.reason = reason
    verdict = make().validate()

    assert not verdict
    with pytest.raises(np.LicenseRefused) as refused:
        verdict.require()
    assert refused.value.reason == reason


def test_quota_feature_and_key(make: Make, billing: Billing) -> None:
    client = make()
    billing.license.used["databases"] = 5
    with pytest.raises(np.QuotaExceeded) as full:
        client.validate("create_database").require()
    assert (full.value.resource, full.value.remaining_quota) == ("databases", 0)
    assert client.validate("teleport").reason == "unknown_feature"
    assert client.validate("priority_support").require().remaining_quota is None
    assert client.validate("create_domain").remaining_quota is None
    assert client.validate(license_key="NP-2222-2222-2222").reason == "unknown_license"


@pytest.mark.parametrize("wrong", [{"secret": "nps_wrong"}, {"secret": "nps_wrong", "sign": False}, {"key_id": "npk_wrong"}])
def test_a_wrong_key_is_told_once(make: Make, billing: Billing, wrong: dict[str, Any]) -> None:
    with pytest.raises(np.NotAuthenticated) as refused:
        make(**wrong).validate()
    assert refused.value.code == "panel_not_authenticated"
    assert len(billing.calls) == 1


def test_a_key_without_the_permission(make: Make, billing: Billing) -> None:
    billing.permissions = {"leases"}
    with pytest.raises(np.NotPermitted):
        make().validate()


def test_a_key_without_leases_still_asks(make: Make, billing: Billing) -> None:
    billing.permissions = {"validate"}
    client = make()
    assert client.validate()
    assert client.validate()
    assert [call.status for call in billing.asked("validate")] == [403, 200, 200], "what is not permitted is not asked for again and again"


def test_before_billing_can_sign_it_answers_without_a_lease(make: Make, billing: Billing, hand: Hand) -> None:
    keys, billing.signing = billing.signing, {}
    client = make()
    assert client.validate()
    billing.signing = keys
    hand.pass_(31)
    assert client.validate()
    assert [bool(call.told.get("lease")) for call in billing.asked("validate")] == [True, False, True]


def test_a_malformed_question_names_its_field(make: Make) -> None:
    with pytest.raises(np.InvalidRequest) as refused:
        make().validate("x" * 65)
    assert refused.value.fields == {"feature": "at most 64 characters"}


@pytest.mark.parametrize("fault", [503, 500, 429, "cut", "page", "redirect"])
def test_without_a_lease_no_answer_is_no_yes(make: Make, billing: Billing, fault: Any) -> None:
    billing.always = fault
    with pytest.raises(np.Unreachable) as away:
        make(settings=np.Settings(patience=0)).validate()
    assert "Make nothing new" in str(away.value) or "make nothing new" in str(away.value)
    assert LICENSE_KEY not in str(away.value)


def test_a_short_failure_is_got_over(make: Make, billing: Billing) -> None:
    billing.faults = [503, "cut"]
    assert make().validate().source == "billing"
    assert len(billing.asked("validate")) == 3


def test_retry_after_is_honored(make: Make, billing: Billing) -> None:
    billing.faults, billing.retry_after = [429, 429, 429], "30"
    with pytest.raises(np.Unreachable) as busy:
        make().validate()
    assert busy.value.retry_after == 30
    assert len(billing.calls) == 1, "longer than our patience: not asked again before its time"


@pytest.mark.parametrize("off", [-86400, -400, 400, 86400])
def test_a_wrong_clock_is_learned_and_the_request_signed_again(make: Make, billing: Billing, hand: Hand, off: float) -> None:
    hand.off = off
    client = make()
    assert client.validate("create_database")
    assert [call.status for call in billing.asked("validate")] == [401, 200]
    assert client.validate("create_database")
    assert len(billing.asked("validate")) == 3, "learned once"


def test_a_wrong_clock_and_a_wrong_secret_is_no_endless_affair(make: Make, billing: Billing, hand: Hand) -> None:
    hand.off = 5000
    with pytest.raises(np.NotAuthenticated):
        make(secret="nps_wrong").validate()
    assert len(billing.calls) == 2


def test_which_license_is_asked_first(make: Make) -> None:
    with pytest.raises(ValueError, match="Which license"):
        make(license_key=None).validate()


@pytest.mark.parametrize("url", ["billing.example.com", "ftp://billing.example.com", "http://billing.example.com", "https://u:p@billing.example.com"])
def test_an_address_that_is_none_or_unsafe(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        np.LicenseClient(url, key_id=KEY_ID, secret=SECRET)


def test_no_secret_in_words(make: Make, billing: Billing, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = make()
    client.validate("create_database")
    hold = client.reserve("databases")
    with hold:
        pass
    billing.always = 503
    client.usage.created("databases")
    texts = [repr(client), repr(hold.reservation), caplog.text]
    with pytest.raises(np.LicenseError) as error:
        client.usage.flush()
    texts += [repr(error.value), repr(error.value.__dict__)]
    assert caplog.text
    for secret in (SECRET, LICENSE_KEY):
        assert not any(secret in text for text in texts)


def test_the_signature_of_the_docs() -> None:
    made = np.signature("nps_secret", timestamp=1700000000, method="post", path_and_query="/api/v1/licenses/validate?x=1", body=b"{}")
    assert made == "bf9978454c58a022c1ca4251304db8401a26db5f2c5ba9357b1451402f908060", "as openssl makes it"
