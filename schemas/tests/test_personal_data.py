"""Persons are known by their ids in public; names, addresses and secrets stay on private topics."""

import pytest

from event_schemas import Event
from event_schemas.base import Record
from event_schemas.catalogue import public_events
from event_schemas.consistency import inconsistencies
from event_schemas.json_schema import schema_of
from event_schemas.personal_data import field_names, too_personal
from event_schemas.topics import load_topics

TOPICS = {topic.topic: topic for topic in load_topics()}
LANES = {name for name in TOPICS if name.endswith("-dlq")}
FORBIDDEN = {"email", "name", "phone", "address", "certificate_number", "complaint", "activation_code", "password"}


@pytest.mark.requirement("ALL-05")
def test_no_public_event_has_a_field_for_a_person_or_a_secret() -> None:
    private = {name for name, topic in TOPICS.items() if topic.personal_data in ("personal", "secret")}
    public = [event for event in public_events().values() if event.TOPIC not in private]
    found = {event.TYPE: FORBIDDEN & set(field_names(schema_of(event))) for event in public}

    assert found == {event.TYPE: set() for event in public}
    assert {event.TOPIC for event in public_events().values()} - {event.TOPIC for event in public} == private - LANES


@pytest.mark.requirement("ALL-05")
def test_only_contacts_and_the_mailers_topic_carry_persons_and_secrets() -> None:
    telling = {event.TOPIC for event in public_events().values() if too_personal(schema_of(event), "pseudonymous")}

    assert telling == {"contacts", "registration-mail", "activation-codes"}


@pytest.mark.requirement("ALL-05")
def test_a_person_hidden_deep_inside_a_public_event_is_found(empty_catalogue: None) -> None:
    class Visitor(Record):
        company_name: str
        phone_number: str
        service_name: str

    class VisitPlanned(Event, type="visit.planned", version=1, key="brand", topic="tickets"):
        """A technician comes."""

        visitors: tuple[Visitor | None, ...]
        certificate_number: str | None = None

    found = [each for each in inconsistencies({VisitPlanned.TYPE: VisitPlanned}, TOPICS) if "visit" in each]

    assert found == [
        f"visit.planned.v1: field `{field}` must not stand on tickets, whose personal_data is pseudonymous"
        for field in ("certificate_number", "company_name", "phone_number")
    ]


@pytest.mark.requirement("ALL-05")
def test_a_secret_may_not_stand_on_a_topic_that_is_only_personal() -> None:
    issued = schema_of(public_events()["certificate.issued.v1"])

    assert too_personal(issued, "personal") == ["certificate_number", "registration_url"]
    assert too_personal(issued, "secret") == []
