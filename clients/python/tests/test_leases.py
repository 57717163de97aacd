"""What a panel may do while billing can't be reached: open inside the lease, closed after it or once revoked."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

import nextpanel_license as np
from both_ways import Hand, Make
from nextpanel_license.leases import Keys
from tiny_billing import HOUR, LICENSE_KEY, SERVER_ID, Billing

AWAY: list[Any] = [503, 429, "cut", "page", "redirect", "hang"]


@pytest.mark.parametrize("fault", AWAY)
def test_inside_the_lease_it_is_open(make: Make, billing: Billing, fault: Any) -> None:
    client = make(timeout=httpx.Timeout(0.3 if fault == "hang" else 20.0))
    assert client.validate("create_database").source == "billing"
    billing.always = fault

    verdict = client.validate("create_database").require()
    assert (verdict.source, verdict.resource, verdict.remaining_quota, verdict.plan) == ("lease", "databases", 2, "professional")
    assert client.validate("create_domain").remaining_quota is None
    assert client.validate("priority_support")
    assert client.validate("teleport").reason == "unknown_feature"


def test_nobody_listens(make: Make, billing: Billing, tmp_path: Path) -> None:
    make(lease_file=tmp_path / "leases").validate()
    client = make("http://127.0.0.1:9", lease_file=tmp_path / "leases", settings=np.Settings(issuer=billing.url, pause=0.01))
    assert client.validate().source == "lease"


def test_with_a_lease_in_hand_billing_is_left_alone_for_a_while(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    client.validate()
    billing.always = 503
    for _ in range(5):
        assert client.validate().source == "lease"
    assert len(billing.asked("validate")) == 2, "one try, then none during the cool-down"
    hand.pass_(6)
    billing.always = None
    assert client.validate().source == "billing"


def test_the_panels_own_count_wins(make: Make, billing: Billing) -> None:
    counted = {"databases": 4}
    client = make(count=lambda key, resource: counted[resource] if key == LICENSE_KEY else None)
    client.validate()
    billing.always = 503

    assert client.validate("create_database").remaining_quota == 1
    counted["databases"] = 5
    assert client.validate("create_database").reason == "quota_exceeded"
    assert client.validate("create_database", used=2).remaining_quota == 3
    assert client.validate("create_database", used=9).reason == "quota_exceeded"


def test_without_a_count_its_own_reports_count(make: Make, billing: Billing) -> None:
    client = make()
    client.validate()
    billing.always = 503
    client.usage.created("databases")
    assert client.validate("create_database").remaining_quota == 1
    client.usage.deleted("databases", 2)
    assert client.validate("create_database").remaining_quota == 3


def test_after_its_end_it_is_closed(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    client.validate()
    billing.always = 503
    hand.pass_(72 * HOUR - 120)
    assert client.validate().source == "lease"
    hand.pass_(121)
    with pytest.raises(np.Unreachable, match="run out"):
        client.validate()


def test_half_run_out_it_is_asked_for_anew_and_not_before(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    for _ in range(3):
        client.validate()
    hand.pass_(37 * HOUR)
    for _ in range(3):
        client.validate()
    assert [bool(call.told.get("lease")) for call in billing.asked("validate")] == [True, False, False, True, False, False]
    assert len(billing.asked("license-keys")) == 1


@pytest.mark.parametrize("reason", ["suspended", "expired", "cancelled", "unknown_license", "wrong_server"])
def test_a_refusal_ends_the_lease(make: Make, billing: Billing, reason: str) -> None:
    client = make()
    client.validate()
    billing.license.reason = reason
    assert not client.validate()
    billing.always = 503
    with pytest.raises(np.Unreachable):
        client.validate()


def test_a_full_quota_does_not_end_the_lease(make: Make, billing: Billing) -> None:
    client = make()
    billing.license.used["databases"] = 5
    assert not client.validate("create_database")
    billing.always = 503
    assert client.validate("create_domain").source == "lease"
    assert client.validate("create_database").reason == "quota_exceeded"


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"srv": "0190f3c8-0000-7000-8000-00000000dead"}},
        {"claims": {"exp": 1}},
        {"claims": {"nbf": 2**33}},
        {"claims": {"exp": None}},
        {"claims": {"rev": "newest"}},
        {"claims": {"limits": "all"}},
        {"claims": {"limits": {"databases": "many"}}},
        {"header": {"typ": "JWT"}},
        {"header": {"kid": "unheard"}},
    ],
)
def test_a_lease_that_is_not_right_is_never_used(make: Make, billing: Billing, wrong: dict[str, Any]) -> None:
    vars(billing).update(wrong)
    client = make(server_id=SERVER_ID)
    assert client.validate().source == "billing", "the verdict beside it holds"
    billing.always = 503
    with pytest.raises(np.Unreachable):
        client.validate()


def test_a_lease_in_another_name_says_what_to_do(make: Make, billing: Billing, caplog: pytest.LogCaptureFixture) -> None:
    billing.claims = {"iss": "https://billing.example.com"}
    make().validate()
    assert "Settings(issuer=" in caplog.text


def test_another_algorithm_or_signature_proves_nothing(make: Make, billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = billing.lease
    claims = jwt.decode(honest(), options={"verify_signature": False})
    header = {"kid": "k1", "typ": "license-lease+jwt"}
    public = billing._keys(None)[1]["keys"][0]["x"]  # type: ignore[arg-type]  # it does not look at the call
    altered = honest().rsplit(".", 1)[0] + "." + billing.lease().rsplit(".", 1)[1][::-1]
    forged = [
        jwt.encode(claims, public * 2, "HS256", header),
        jwt.encode(claims, "", "none", header),
        altered,
        "not.a.lease",
        "",
    ]
    for token in forged:
        monkeypatch.setattr(billing, "lease", lambda token=token: token)
        billing.always = None
        client = make()
        assert client.validate()
        billing.always = 503
        with pytest.raises(np.Unreachable):
            client.validate()


def test_a_new_signing_key_is_fetched_and_a_withdrawn_one_ends_its_leases(make: Make, billing: Billing, hand: Hand, tmp_path: Path) -> None:
    client = make(lease_file=tmp_path / "leases")
    client.validate()
    billing.new_signing_key("k2")
    hand.pass_(37 * HOUR)
    client.validate()
    assert len(billing.asked("license-keys")) == 2
    billing.new_signing_key("k3", replacing=True)
    hand.pass_(301)
    client.poll_revocations(now=True)
    billing.always = 503
    with pytest.raises(np.Unreachable):
        client.validate()
    with pytest.raises(np.Unreachable):
        make(lease_file=tmp_path / "leases").validate()


def test_only_ed25519_keys_count() -> None:
    good = {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "x", "use": "sig", "alg": "EdDSA"}
    bad = [{"kty": "oct"}, {"crv": "Ed448"}, {"use": "enc"}, {"alg": "HS256"}, {"kid": None}, {"x": 1}]
    assert set(Keys.of([good, *({**good, "kid": str(place), **one} for place, one in enumerate(bad))]).by_id) == {"a"}


def test_a_restart_without_billing(make: Make, billing: Billing, tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "leases.json"
    make(lease_file=kept).validate()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert LICENSE_KEY not in kept.read_text()
    assert not [one.name for one in kept.parent.iterdir() if one.name not in {"leases.json", "leases.json.lock"}]

    billing.always = 503
    assert make(lease_file=kept).validate("create_database").source == "lease"


def test_leases_of_many_licenses_are_written_together(make: Make, billing: Billing, hand: Hand, tmp_path: Path) -> None:
    """Whoever asks for thousands after a start does not write the file a thousand times; the rest comes with the end."""
    kept, keys = tmp_path / "leases", [f"NP-2222-2222-22{place}2" for place in range(4, 9)]
    billing.known_keys.update(keys)
    client = make(lease_file=kept)
    for key in keys:
        assert client.validate(license_key=key)
    assert len(json.loads(kept.read_text())["leases"]) == 1
    client.close()
    assert len(json.loads(kept.read_text())["leases"]) == 5


def test_keys_that_nobody_knows_leave_nothing_behind(make: Make, billing: Billing, tmp_path: Path) -> None:
    kept = tmp_path / "leases"
    client = make(lease_file=kept)
    client.validate()
    before = kept.read_text()
    for place in range(3):
        assert client.validate(license_key=f"NP-3333-3333-333{place}").reason == "unknown_license"
    client.close()
    assert kept.read_text() == before


def test_a_refusal_survives_a_restart_too(make: Make, billing: Billing, tmp_path: Path) -> None:
    old, kept = tmp_path / "old", tmp_path / "leases"
    client = make(lease_file=kept)
    client.validate()
    old.write_bytes(kept.read_bytes())
    billing.license.reason = "suspended"
    client.validate()
    billing.always = 503
    with pytest.raises(np.Unreachable):
        make(lease_file=kept).validate()
    assert make(lease_file=old).validate(), "the copy from before shows that the file was the reason"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 99}',
        '{"version":1,"keys":[],"keys_at":"x","refused":{},"revoked":{},"leases":{"a":"b"}}',
        "\x00\xff",
    ],
)
def test_a_broken_file_is_no_hindrance(make: Make, billing: Billing, tmp_path: Path, text: str) -> None:
    kept = tmp_path / "leases"
    kept.write_text(text, encoding="latin-1")
    client = make(lease_file=kept)
    assert client.validate().source == "billing"
    billing.always = 503
    assert make(lease_file=kept).validate().source == "lease"


def test_a_file_that_cannot_be_written_keeps_nobody_from_an_answer(make: Make, billing: Billing, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    client = make(lease_file=tmp_path / "file" / "leases")
    assert client.validate().source == "billing"
    billing.always = 503
    assert client.validate().source == "lease"


def test_processes_share_a_file(make: Make, billing: Billing, tmp_path: Path) -> None:
    one, other = make(lease_file=tmp_path / "leases"), make(lease_file=tmp_path / "leases")
    one.validate()
    billing.always = 503
    assert other.validate().source == "lease", "the lease that another process was given"
    billing.always = None
    billing.revoke()
    one.poll_revocations(now=True)
    billing.always = 503
    with pytest.raises(np.Unreachable):
        other.validate()


# revocations


def test_a_revoked_lease_is_void_and_a_newer_one_is_not(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    client.validate()
    billing.revoke("changed")
    found = client.poll_revocations(now=True)
    assert [(one.license_id, one.reason) for one in found] == [(billing.license.id, "changed")]
    billing.always = 503
    with pytest.raises(np.Unreachable, match="revoked"):
        client.validate()

    billing.always = None
    hand.pass_(10)
    assert client.validate().source == "billing"
    billing.always = 503
    assert client.validate().source == "lease"


def test_the_feed_is_polled_cheaply(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    assert client.poll_revocations() == []
    for _ in range(5):
        client.poll_revocations()
    assert len(billing.asked("revocations")) == 1, "not before the time that billing named"
    for _ in range(3):
        hand.pass_(31)
        client.poll_revocations()
    assert [call.path.partition("?")[2] for call in billing.asked("revocations")] == ["", "after=0", "after=0", "after=0"]
    assert [call.status for call in billing.asked("revocations")] == [200, 200, 304, 304]


def test_all_pages_are_read_and_none_twice(make: Make, billing: Billing, hand: Hand) -> None:
    billing.page_size = 3
    client = make()
    client.validate()
    for _ in range(8):
        billing.revoke()
    assert len(client.poll_revocations(now=True)) == 8
    assert client.poll_revocations(now=True) == []
    billing.revoke()
    assert len(client.poll_revocations(now=True)) == 1


def test_the_place_in_the_feed_survives_a_restart(make: Make, billing: Billing, tmp_path: Path) -> None:
    client = make(lease_file=tmp_path / "leases")
    client.validate()
    billing.revoke()
    client.poll_revocations(now=True)
    billing.revoke()
    assert len(make(lease_file=tmp_path / "leases").poll_revocations(now=True)) == 1


def test_a_feed_out_of_reach_is_told(make: Make, billing: Billing) -> None:
    billing.always = 503
    with pytest.raises(np.Unreachable):
        make(settings=np.Settings(retries=0)).poll_revocations()
    billing.always = None
    billing.permissions = {"validate"}
    with pytest.raises(np.NotPermitted):
        make().poll_revocations()
