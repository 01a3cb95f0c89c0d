"""The checker itself: a sound history passes, and each promise notices the smallest thing that breaks it."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from tests.faults.checker import judge
from tests.faults.history import History
from tests.faults.invariants import PROMISES
from tests.faults.observed import Base, Dead, Observed, Wire, read_history

START: Final = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DUE: Final = START + timedelta(days=2)
ORDER: Final = {"order_id": "o", "certificate_id": "c", "buyer_id": "b", "quantity": 1}
UNIT: Final = {"product_id": "p", "redemption_id": "r", "customer_id": "b"}
Change = Callable[[Observed], Observed]


def an_id(second: float) -> str:
    """A UUIDv7 made so many seconds after the start."""
    digits = f"{int((START.timestamp() + second) * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-{int(second * 10):012x}"


def event(name: str, place: tuple[str, int, int], key: str, second: float, value: Any, **headers: str) -> Wire:
    at = (START + timedelta(seconds=second)).isoformat()
    own = {"ce_id": an_id(second), "ce_type": f"{name}.v1", "ce_time": at, "ce_correlationid": "story-1"}
    return Wire(place, key, {**own, "ce_causationid": own["ce_id"], **headers}, json.dumps(value))


def story() -> list[Wire]:
    redeemed = {"brand": "b", "certificate_id": "c", "redemption_id": "r"}
    order = {"brand": "b", "case_number": "n", "order_id": "o", "certificate_id": "c", "quantity": 1}
    running = {"activation_id": "a", "redemption_id": "r", "operational_at": DUE.isoformat()}
    hears, later = {"ce_causationid": an_id(5)}, {"ce_time": DUE.isoformat(), "ce_causationid": an_id(5)}
    later["ce_correlationid"] = hears["ce_correlationid"] = "story-2"
    mail = {"mail_id": "m", "caused_by": an_id(3), "contact_id": "b"}
    unit = {"ce_correlationid": "story-2"}
    product = {"brand": "b", "model": "m", "serial": "s", "product_id": "p"}
    return [
        event("contact.changed", ("contacts", 0, 0), "b", 1, {"contact_id": "b"}),
        event("order.confirmed", ("registration", 0, 0), "o", 2, order),
        event("certificate.issued", ("registration-mail", 0, 0), "c", 3, {**order, "certificate_number": "SECRET1"}),
        event("product.registered", ("registration", 0, 1), "p", 4, product, **unit),
        event("certificate.redeemed", ("registration", 0, 2), "p", 5, redeemed, **unit),
        event("service.activated", ("activation", 0, 0), "p", 6, running, **hears),
        event("service.operational", ("activation", 0, 1), "p", 7, {**running, "brand": "b"}, **later),
        event("notification.sent", ("notifications", 0, 0), "m", 8, mail, ce_causationid=an_id(3)),
    ]


def sound() -> Observed:
    """One order of one unit, redeemed, activated, and operational two days later."""
    person = {"email": "somebody@example.com"}
    history: list[dict[str, Any]] = [
        {"what": "intent", "key": "1", "path": "/orders", "correlation": "story-1", "body": {"buyer": person}},
        {"what": "answer", "key": "1", "status": 201, "final": True, "body": ORDER},
        {"what": "intent", "key": "2", "path": "/registrations", "correlation": "story-2", "body": {}},
        {"what": "answer", "key": "2", "status": 201, "final": True, "body": UNIT},
        {"what": "intent", "key": "3", "path": "/registrations", "correlation": "story-3", "body": {}},
        {"what": "answer", "key": "3", "status": 409, "final": True, "body": {"code": "certificate-exhausted"}},
        {"what": "clock", "at": (START + timedelta(seconds=6)).isoformat(), "offset": 2 * 86400.0},
        {"what": "poison", "topic": "registration", "partition": 0, "offset": 9, "consumers": ["activation"]},
    ]
    ledger = [{"certificate_id": "c", "quantity": 1, "units_left": 0, "change": -1, "taken": 1}]
    dead = Dead(("registration", 0, 9), "x", "", "Undecodable")
    bases = {
        "registration": Base("registration", [], Counter(), [], [], ledger),
        "activation": Base("activation", [], Counter([an_id(5)]), [dead], []),
        "notifications": Base("notifications", [], Counter([an_id(3)]), [], []),
    }
    poison = Wire(dead.address, "x", {}, "rubbish")
    copy = {"dlq_topic": "t-registration", "dlq_partition": "0", "dlq_offset": "9"}
    wires = [*story(), poison, Wire(("activation-dlq", 0, 0), "x", copy, "rubbish")]
    topics = {wire.topic: dict[str, list[str]]() for wire in wires}
    topics["registration-mail"] = {"notifications": ["certificate.issued.v1"]}
    topics["registration"] = {"activation": ["certificate.redeemed.v1"]}
    return Observed(
        history, wires, bases, topics, frozenset({"contacts", "registration-mail"}), DUE + timedelta(hours=1)
    )


def said(name: str, **changes: Any) -> Change:
    """The same with one event changed."""
    return lambda seen: replace(seen, wires=[replace(w, **changes) if w.name == name else w for w in seen.wires])


def unsaid(name: str) -> Change:
    return lambda seen: replace(seen, wires=[wire for wire in seen.wires if wire.name != name])


def added(wire: Wire) -> Change:
    return lambda seen: replace(seen, wires=sorted([*seen.wires, wire], key=lambda one: one.address))


def kept(service: str, **changes: Any) -> Change:
    """The same with one database changed."""
    return lambda seen: replace(seen, bases={**seen.bases, service: replace(seen.bases[service], **changes)})


def noted(*lines: dict[str, Any]) -> Change:
    return lambda seen: replace(seen, history=[*seen.history, *lines])


def headers_with(name: str, **changes: str) -> Change:
    wire = next(one for one in story() if one.name == name)
    return said(name, headers={**wire.headers, **changes})


REDEEMED_AGAIN: Final = {"brand": "b", "certificate_id": "c", "redemption_id": "r2"}
UNTOLD: Final = {"brand": "b", "case_number": "n", "order_id": "never told", "certificate_id": "c", "quantity": 1}
RUNNING: Final = {"activation_id": "a", "redemption_id": "r", "operational_at": DUE.isoformat()}
NUMBER: Final = {"brand": "b", "model": "SECRET1", "serial": "s", "product_id": "p"}
UNBALANCED: Final = {"certificate_id": "c", "quantity": 1, "units_left": 1, "change": -1, "taken": 1}
ONE_MORE: Final = {"what": "intent", "key": "4", "path": "/contacts", "correlation": "story-4", "body": {}}
OTHERWISE: Final = {"what": "answer", "key": "1", "status": 201, "final": True, "body": {**ORDER, "quantity": 2}}
SPILT: Final[list[tuple[str, Change]]] = [
    ("accepted_without_event", unsaid("certificate.issued")),
    ("events_from_nothing", headers_with("order.confirmed", ce_correlationid="nobody")),
    ("events_from_nothing", headers_with("service.activated", ce_causationid=an_id(99))),
    ("events_from_nothing", said("order.confirmed", text=json.dumps(UNTOLD))),
    ("events_from_nothing", kept("registration", inbox=Counter([an_id(99)]))),
    ("events_of_refused", headers_with("product.registered", ce_correlationid="story-3")),
    ("unanswered", noted(ONE_MORE)),
    ("answers_differ", noted(OTHERWISE)),
    ("unsent", kept("registration", outbox=[{"id": 1, "topic": "registration", "event_id": "e"}])),
    ("without_effect", kept("activation", inbox=Counter())),
    ("without_effect", unsaid("service.activated")),
    ("without_effect", unsaid("notification.sent")),
    ("doubled", kept("activation", inbox=Counter([an_id(5), an_id(5)]))),
    ("doubled", added(event("service.activated", ("activation", 0, 2), "p", 9, RUNNING))),
    ("ledger_wrong", added(event("certificate.redeemed", ("registration", 0, 3), "p", 9, REDEEMED_AGAIN))),
    ("ledger_wrong", kept("registration", ledger=[UNBALANCED])),
    ("out_of_order", said("product.registered", address=("registration", 0, 4))),
    ("out_of_order", headers_with("service.operational", ce_id=an_id(5.5))),
    ("out_of_order", said("service.operational", address=("activation", 1, 0))),
    ("early_timers", headers_with("service.operational", ce_time=(DUE - timedelta(seconds=1)).isoformat())),
    ("early_timers", lambda seen: replace(seen, history=[line for line in seen.history if line["what"] != "clock"])),
    ("late_timers", unsaid("service.operational")),
    ("late_timers", kept("activation", timers=[{"kind": "k", "subject": "a", "due_at": DUE, "last_error": None}])),
    ("poison_lost", kept("activation", dead=[])),
    ("poison_lost", lambda seen: replace(seen, wires=[wire for wire in seen.wires if wire.topic != "activation-dlq"])),
    ("dead_letters_unaccounted", kept("registration", dead=[Dead(("activation", 0, 0), "p", an_id(6), "KeyError")])),
    ("personal_data_in_public", said("product.registered", text=json.dumps(NUMBER))),
    ("personal_data_in_public", said("service.activated", text=json.dumps({**RUNNING, "to": "somebody@example.com"}))),
]
IDS: Final = [f"{number}-{name}" for number, (name, _) in enumerate(SPILT)]


def in_order(seen: Observed) -> Observed:
    return replace(seen, wires=sorted(seen.wires, key=lambda wire: wire.address))


def test_a_sound_history_breaks_no_promise() -> None:
    report = judge(sound())
    assert report.clean, f"\n{report}"
    assert report.looked_at["events"] == len(story())


@pytest.mark.parametrize(
    ("promise", "change"), SPILT, ids=[f"{number}-{name}" for number, (name, _) in enumerate(SPILT)]
)
def test_each_promise_notices_when_it_is_broken(promise: str, change: Change) -> None:
    report = judge(in_order(change(sound())))
    assert report.count(promise) > 0, f"\n{report}"


def test_every_promise_is_broken_once_above() -> None:
    assert {name for name, _ in SPILT} == {promise.__name__ for promise in PROMISES}


def test_an_event_that_arrives_twice_is_only_counted() -> None:
    again = replace(story()[3], address=("registration", 0, 7))
    report = judge(added(again)(sound()))
    assert report.clean, f"\n{report}"
    assert report.looked_at["resent"] == 1


def test_a_history_survives_a_power_cut_in_its_last_line(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    history.note("intent", key="1")
    history.close()
    with history.file.open("a") as cut:
        cut.write('{"what": "ans')
    assert [line["key"] for line in read_history(history.file)] == ["1"]


def test_the_checker_knows_nothing_of_the_services() -> None:
    code = "import sys, tests.faults.checker; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"aiokafka", "asyncpg"} <= loaded
    assert not [
        name for name in loaded if name in ("chassis", "event_schemas", "aftercare_local") or "_service" in name
    ]
