"""Facts become CloudEvents and come back as they were; what is no fact is refused with field and reason."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import record_of, with_header

from chassis.codec import (
    MAX_MESSAGE_BYTES,
    EventTooLarge,
    Record,
    Undecodable,
    decode,
    encode,
    headers_from_json,
    headers_to_json,
    size_of,
)
from chassis.database import Cause
from event_schemas.base import Event
from event_schemas.catalogue import public_events
from event_schemas.credits import InvoiceRecorded
from event_schemas.examples import examples_of
from event_schemas.tickets import ReturnAccepted

NOW = datetime(2026, 11, 22, 9, 0, 0, 250_000, tzinfo=UTC)
HEARD = {ReturnAccepted.TYPE: ReturnAccepted}
RETURN = ReturnAccepted(
    brand="acme", ticket_id=uuid4(), serial="S-1", customer_id=uuid4(), grms_number="1", accepted_on="2026-11-20"
)


def changed(**parts) -> Record:
    """A good record with another value or other headers."""
    record = record_of(RETURN, 1)
    headers = record.headers
    for name, value in parts.pop("headers", {}).items():
        headers = with_header(headers, name, value)
    return Record(record.topic, 0, 1, record.key, headers, parts.get("value", record.value))


@pytest.mark.parametrize("event", public_events().values(), ids=public_events().keys())
@pytest.mark.requirement("ALL-04")
def test_every_example_of_every_fact_comes_back_as_it_was(event: type[Event]):
    for example in examples_of(event):
        fact = event.model_validate(example)
        incoming = decode(record_of(fact, 1), {event.TYPE: event})
        assert incoming is not None
        assert incoming.event == fact
        assert incoming.event.model_dump(mode="json") == fact.model_dump(mode="json")


@pytest.mark.requirement("ALL-04", "POL-01")
def test_a_message_carries_every_attribute_of_a_cloud_event_and_ours():
    cause = Cause("story-1", "0192f0c4-0000-7000-8000-000000000001", f"00-{'a' * 32}-{'b' * 16}-01")
    message = encode(RETURN, service="tickets", policy_version="2026-11-01", cause=cause, now=NOW, topic_prefix="t1-")
    headers = {name: value.decode() for name, value in message.headers}
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": str(message.event_id),
        "ce_type": "return.accepted.v1",
        "ce_source": "/tickets",
        "ce_time": "2026-11-22T09:00:00.250000Z",
        "ce_subject": str(RETURN.ticket_id),
        "content-type": "application/json",
        "ce_correlationid": "story-1",
        "ce_causationid": "0192f0c4-0000-7000-8000-000000000001",
        "ce_brand": "acme",
        "ce_policyversion": "2026-11-01",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    }
    assert message.event_id.version == 7
    assert (message.topic, message.key) == ("t1-tickets", str(RETURN.ticket_id).encode())
    assert len(message.headers) == len(headers), "no header stands twice"


@pytest.mark.requirement("ALL-04")
def test_a_fact_of_a_command_is_its_own_cause_and_a_fact_of_a_fact_names_it():
    by_command = encode(RETURN, service="tickets", policy_version="1", cause=Cause("story-1"), now=NOW)
    first = decode(Record("tickets", 0, 1, by_command.key, by_command.headers, by_command.payload), HEARD)
    assert dict(by_command.headers)["ce_causationid"] == str(by_command.event_id).encode()
    by_fact = encode(RETURN, service="credits", policy_version="1", cause=first.cause, now=NOW)
    headers = dict(by_fact.headers)
    assert headers["ce_correlationid"] == b"story-1"
    assert headers["ce_causationid"] == str(by_command.event_id).encode()


def test_each_message_has_an_id_of_its_own():
    ids = {encode(RETURN, service="t", policy_version="1", cause=Cause("s"), now=NOW).event_id for _ in range(100)}
    assert len(ids) == 100


def test_a_type_that_nobody_here_hears_of_is_passed_over_whatever_its_value():
    other = {"ce_type": b"something.else.v1"}
    assert decode(changed(headers=other), HEARD) is None
    assert decode(changed(headers={**other, "ce_id": None}, value=b"\xff"), HEARD) is None
    assert decode(changed(headers={"ce_type": b"accepted"}), HEARD) is None


GOOD = RETURN.model_dump_json().encode()
WRONG = [
    ({"headers": {"ce_type": None}}, ["ce_type", "missing", "accepted"]),
    (
        {"headers": {"ce_type": b"return.accepted.v9"}},
        ["ce_type", "return.accepted.v9", "accepted: return.accepted.v1"],
    ),
    ({"headers": {"ce_type": b"return.accepted.v"}}, ["ce_type", "accepted: return.accepted.v1"]),
    ({"headers": {"ce_id": None}}, ["ce_id", "UUID"]),
    ({"headers": {"ce_id": b"17"}}, ["ce_id", "'17'", "UUID"]),
    ({"headers": {"ce_id": b"\xff\x00"}}, ["ce_id", "UUID"]),
    ({"value": None}, ["return.accepted.v1", "no value", "JSON object"]),
    ({"value": b""}, ["JSON"]),
    ({"value": b"{not json"}, ["JSON"]),
    ({"value": b"[]"}, ["object"]),
    ({"value": b"\xff\xfe"}, ["JSON"]),
    ({"value": b"[" * 100_000}, ["JSON"]),
    ({"value": b"{}"}, ["/brand", "/ticket_id", "/serial"]),
    ({"value": GOOD.replace(str(RETURN.ticket_id).encode(), b"17")}, ["/ticket_id", "UUID"]),
    ({"value": GOOD.replace(b'"S-1"', b"17")}, ["/serial", "string"]),
    ({"value": GOOD.replace(b'"S-1"', b'""')}, ["/serial", "at least 1"]),
    ({"value": GOOD.replace(b"2026-11-20", b"2026-02-30")}, ["/accepted_on", "date"]),
]


@pytest.mark.parametrize(("parts", "said"), WRONG, ids=range(len(WRONG)))
@pytest.mark.requirement("ALL-04")
def test_what_is_no_fact_is_refused_with_field_and_what_is_accepted(parts, said):
    with pytest.raises(Undecodable) as refused:
        decode(changed(**parts), HEARD)
    for word in said:
        assert word in str(refused.value)


def test_the_last_of_two_headers_of_one_name_counts():
    record = changed()
    doubled = Record(record.topic, 0, 1, record.key, [("ce_type", b"something.else.v1"), *record.headers], record.value)
    assert decode(doubled, HEARD).event == RETURN


def test_fields_that_a_later_publisher_adds_are_passed_over():
    assert decode(changed(value=GOOD[:-1] + b',"added":{"later":true}}'), HEARD).event == RETURN


def test_a_message_without_a_story_begins_one():
    incoming = decode(changed(headers={"ce_correlationid": None}), HEARD)
    assert incoming.cause.correlation_id == str(incoming.event_id)


@pytest.mark.requirement("ALL-02")
def test_a_fact_is_refused_from_the_first_byte_above_the_limit_with_key_and_headers_counted():
    shape = InvoiceRecorded.model_validate(examples_of(InvoiceRecorded)[0])

    def encoded(number: str):
        fact = shape.model_copy(update={"invoice_number": number})
        return encode(fact, service="credits", policy_version="1", cause=Cause("s"), now=NOW)

    def size(number: str) -> int:
        message = encoded(number)
        return size_of(message.key, message.headers, message.payload)

    room = MAX_MESSAGE_BYTES - size("")
    assert size("é" * (room // 2) + "x" * (room % 2)) == MAX_MESSAGE_BYTES
    with pytest.raises(EventTooLarge, match=f"{MAX_MESSAGE_BYTES + 1} bytes, at most {MAX_MESSAGE_BYTES}"):
        encoded("x" * (room + 1))


@pytest.mark.requirement("ALL-04")
def test_a_fact_counts_on_the_topic_of_its_publisher_alone():
    good = record_of(RETURN, 1)
    elsewhere = Record("service-centre", 0, 1, good.key, good.headers, good.value)
    with pytest.raises(Undecodable, match=r"return\.accepted\.v1 is said on topic tickets only, not on service-centre"):
        decode(elsewhere, HEARD)
    prefixed = Record("t1-tickets", 0, 1, good.key, good.headers, good.value)
    assert decode(prefixed, HEARD, "t1-").event == RETURN
    with pytest.raises(Undecodable):
        decode(prefixed, HEARD)


@pytest.mark.requirement("ALL-04")
@given(st.lists(st.tuples(st.text(max_size=20), st.one_of(st.none(), st.binary(max_size=200))), max_size=8))
def test_every_byte_of_every_header_survives_the_database_s_json(headers):
    assert headers_from_json(headers_to_json(headers)) == headers


@given(
    value=st.one_of(st.none(), st.binary(max_size=100)), kind=st.sampled_from([b"return.accepted.v1", b"x", b"\xff"])
)
def test_no_bytes_make_the_codec_fail_in_another_way(value, kind):
    record = changed(headers={"ce_type": kind}, value=value)
    with suppress(Undecodable):
        assert decode(record, HEARD) is None
