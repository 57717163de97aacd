"""Usage: kept, sent in batches, counted once, and nothing lost without a word."""

from __future__ import annotations

import logging
import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

import nextpanel_license as np
from both_ways import Hand, Make
from nextpanel_license.shapes import Entry
from tiny_billing import KEY_ID, LICENSE_KEY, SECRET, Billing


def sent(billing: Billing) -> list[list[str]]:
    return [[event["event_id"] for event in call.told["events"]] for call in billing.asked("batch")]


def test_events_go_in_one_batch_in_their_order(make: Make, billing: Billing) -> None:
    client = make()
    ids = [client.usage.created("databases", 2), client.usage.deleted("databases"), client.usage.set("domains", 9)]
    assert billing.calls == []
    flushed = client.usage.flush()
    assert sent(billing) == [ids]
    assert [(one.status, one.used) for one in flushed.results] == [("applied", 5), ("applied", 4), ("applied", 9)]
    assert client.usage.waiting == 0
    event = billing.events[ids[0]]
    assert (event["license_key"], event["action"], event["count"]) == (LICENSE_KEY, "created", 2)
    assert event["occurred_at"].endswith("Z")


def test_a_lost_answer_changes_nothing_twice(make: Make, billing: Billing) -> None:
    client = make()
    client.usage.created("databases")
    billing.always = "cut"
    with pytest.raises(np.Unreachable):
        client.usage.flush()
    assert (billing.license.used["databases"], client.usage.waiting) == (4, 1)
    billing.always = None
    assert [one.status for one in client.usage.flush().results] == ["known"]
    assert (billing.license.used["databases"], client.usage.waiting) == (4, 0)


def test_by_number_by_time_and_at_the_end(make: Make, billing: Billing, hand: Hand) -> None:
    with make(settings=np.Settings(batch=3)) as client:
        for _ in range(2):
            client.usage.created("domains")
        assert sent(billing) == []
        client.usage.created("domains")
        assert [len(batch) for batch in sent(billing)] == [3]
        client.usage.created("domains")
        hand.pass_(6)
        client.usage.created("domains")
        assert [len(batch) for batch in sent(billing)] == [3, 2]
        client.usage.created("domains")
    assert [len(batch) for batch in sent(billing)] == [3, 2, 1]


def test_reporting_never_fails_for_billing(make: Make, billing: Billing, hand: Hand) -> None:
    client = make(settings=np.Settings(batch=1, pause=0.01))
    billing.always = 503
    client.usage.created("domains")
    calls = len(billing.calls)
    client.usage.created("domains")
    assert len(billing.calls) == calls, "while billing is away it is not asked at each event"
    billing.always, billing.permissions = None, set()
    hand.pass_(60)
    client.usage.created("domains")
    assert client.usage.waiting == 3
    billing.permissions = {"usage"}
    hand.pass_(60)
    client.usage.created("domains")
    assert (client.usage.waiting, billing.license.used["domains"]) == (0, 5)


def test_what_is_refused_is_told_and_does_not_hold_up_the_rest(make: Make, billing: Billing, caplog: pytest.LogCaptureFixture) -> None:
    client = make()
    client.usage.deleted("databases", 99, event_id="too-many")
    client.usage.created("malformed!", event_id="malformed")
    client.usage.created("databases", event_id="good")
    flushed = client.usage.flush()
    assert {(one.event_id, one.status, one.code) for one in flushed.results} == {
        ("too-many", "refused", "usage_below_zero"),
        ("malformed", "refused", "invalid"),
        ("good", "applied", None),
    }
    assert {one.event_id for one in flushed.refused} == {"too-many", "malformed"}
    assert client.usage.waiting == 0
    assert "too-many" in caplog.text


def test_it_outlives_the_process(make: Make, billing: Billing, tmp_path: Path) -> None:
    kept = tmp_path / "usage" / "spool.sqlite"
    first = make(usage_spool=kept)
    first.validate()
    billing.always = 503
    first.usage.created("databases", event_id="one")
    with first.reserve("databases", external_id="two"):
        pass
    first.close()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    billing.always = None
    second = make(usage_spool=kept)
    assert second.usage.waiting == 2
    assert second.usage.created("databases", event_id="one") == "one"
    assert second.usage.waiting == 2
    second.usage.flush()
    assert sent(billing)[-1] == ["one", "two"]
    assert billing.license.used["databases"] == 5
    assert make(usage_spool=kept).usage.waiting == 0


def test_a_death_between_sending_and_forgetting_sends_again(make: Make, billing: Billing, tmp_path: Path) -> None:
    kept = tmp_path / "spool"
    make(usage_spool=kept).usage.created("databases", event_id="one")
    copy = kept.read_bytes()
    make(usage_spool=kept).usage.flush()
    kept.write_bytes(copy)
    assert [one.status for one in make(usage_spool=kept).usage.flush().results] == ["known"]
    assert billing.license.used["databases"] == 4


def test_events_left_by_an_earlier_process_count_within_the_lease(make: Make, billing: Billing, tmp_path: Path) -> None:
    files = {"usage_spool": tmp_path / "spool", "lease_file": tmp_path / "leases"}
    first = make(**files)
    first.validate()
    first.usage.created("databases", 2)
    billing.always = 503
    first.close()
    assert make(**files).validate("create_database").reason == "quota_exceeded"


@pytest.mark.parametrize("spool", [np.MemorySpool, np.SqliteSpool])
def test_the_buffer_is_bounded_and_says_so(make: Make, billing: Billing, tmp_path: Path, spool: Any) -> None:
    made = spool(capacity=2) if spool is np.MemorySpool else spool(tmp_path / "spool", capacity=2)
    client = make(usage_spool=made)
    client.usage.created("databases", event_id="a")
    client.usage.created("databases", event_id="b")
    with pytest.raises(np.BufferFull):
        client.usage.created("databases", event_id="c")
    client.usage.created("databases", event_id="b")
    client.usage.flush()
    assert list(billing.events) == ["a", "b"]
    client.usage.created("databases", event_id="c")


@pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1_000_001}, {"event_id": "x" * 129}])
def test_what_billing_could_never_take_is_said_at_once(make: Make, wrong: dict[str, Any]) -> None:
    client = make()
    with pytest.raises(ValueError, match="between 0|1 to 128"):
        client.usage.created("databases", **wrong)
    assert client.usage.waiting == 0


def test_more_than_one_batch_can_hold(make: Make, billing: Billing) -> None:
    client = make(settings=np.Settings(batch=10_000))
    for _ in range(1201):
        client.usage.created("domains")
    client.usage.flush()
    assert [len(batch) for batch in sent(billing)] == [500, 500, 201]
    assert billing.license.used["domains"] == 1202


def test_what_could_not_be_sent_at_the_end_is_said(make: Make, billing: Billing, caplog: pytest.LogCaptureFixture) -> None:
    client = make()
    client.usage.created("databases")
    billing.always = 503
    client.close()
    assert "1 usage events are not sent" in caplog.text


def test_by_the_way_everything_due_is_done(make: Make, billing: Billing, hand: Hand) -> None:
    client = make()
    client.validate()
    client.usage.created("databases")
    hand.pass_(37 * 3600)
    client.tick()
    assert (len(billing.asked("revocations")), len(billing.asked("batch"))) == (1, 1)
    assert [bool(call.told.get("lease")) for call in billing.asked("validate")] == [True, True]
    client.tick()
    assert len(billing.asked("validate")) == 2


def test_what_fails_by_the_way_does_not_stop_the_rest(make: Make, billing: Billing, hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    client = make()
    billing.permissions = {"usage"}
    client.usage.created("databases")
    hand.pass_(6)
    client.tick()
    assert "The revocation feed can't be read" in caplog.text
    assert billing.license.used["databases"] == 4
    billing.always = 503
    hand.pass_(6)
    client.usage.created("databases")
    hand.pass_(6)
    client.tick()
    assert client.usage.waiting == 1


def test_in_the_background(make: Make, billing: Billing, hand: Hand) -> None:
    with make() as client:
        client.start()
        client.start()
        client.usage.created("databases")
        hand.pass_(6)
        while not billing.events:
            threading.Event().wait(0.01)
    assert (len(billing.events), len(billing.asked("revocations"))) == (1, 1)
    assert not [thread for thread in threading.enumerate() if thread.name == "nextpanel-license"]


def test_many_threads_one_client(billing: Billing) -> None:
    with np.LicenseClient(billing.url, key_id=KEY_ID, secret=SECRET, license_key=LICENSE_KEY, settings=np.Settings(batch=7)) as client:
        threads = [threading.Thread(target=lambda: [client.usage.created("domains") for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (billing.license.used["domains"], len(billing.events)) == (201, 200)


def test_a_spool_whose_disk_fails_says_so(make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    spool = np.SqliteSpool(tmp_path / "spool")
    client = make(usage_spool=spool)
    spool._file.execute("DROP TABLE entry")
    with pytest.raises(sqlite3.OperationalError):
        client.usage.created("databases")
    spool._file.execute("CREATE TABLE entry (place INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, body TEXT)")
    spool.add(Entry("a", "usage", {}))
    spool.forget(["a"])
