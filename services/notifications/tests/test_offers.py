"""Mails call services what the catalogue calls them, as last heard (ACT-04, NTF-03)."""

from itertools import permutations

import pytest

from event_schemas.activation import ActivationRefused, ServiceOperational
from event_schemas.activation_offers import Names, OfferPublished
from event_schemas.registration import CodeRefused

from .conftest import Post, told

PACK = {"service_reference": "DAS-A-36", "service_name": "As the event says"}


def published(revision: int, **changes: str) -> OfferPublished:
    names = Names(en=f"Assist {revision}", fr=f"Assistance {revision}", nl=f"Bijstand {revision}")
    return told(OfferPublished, revision=revision, names=names.model_dump(), **changes)


@pytest.fixture(autouse=True)
async def unheard_of(post: Post) -> None:
    await post.room.database.pool.execute("TRUNCATE offers")


async def subject(post: Post, language: str, brand: str = "d-link") -> str:
    person = await post.meet(language=language, brand=brand)
    await post.room.hear(told(ServiceOperational, customer_id=person, brand=brand, **PACK))
    await post.send()
    [arrival] = post.mails_to(person)
    return str(arrival.message["Subject"])


@pytest.mark.requirement("ACT-04", "NTF-03")
@pytest.mark.parametrize(("language", "name"), [("en", "Assist 1"), ("fr", "Assistance 1"), ("nl", "Bijstand 1")])
async def test_a_service_is_called_by_its_name_in_the_readers_language(post: Post, language: str, name: str) -> None:
    assert (await subject(post, language)).startswith("As the event says ")
    await post.room.hear(published(1))
    assert (await subject(post, language)).startswith(f"{name} ")
    assert (await subject(post, language, brand="ibm")).startswith("As the event says "), "another brand's offer"


@pytest.mark.requirement("ACT-04", "ALL-02")
async def test_the_newest_revision_counts_in_whatever_order_it_is_heard(post: Post) -> None:
    for order in permutations((1, 2, 10)):
        await post.room.database.pool.execute("TRUNCATE offers")
        for revision in (*order, order[0]):
            await post.room.hear(published(revision))
        assert (await subject(post, "en")).startswith("Assist 10 ")


@pytest.mark.requirement("NTF-03")
async def test_an_event_that_names_a_service_by_its_reference_only_is_told_with_its_name(post: Post) -> None:
    person = await post.meet(language="nl", brand="d-link")
    await post.room.hear(published(3))
    await post.room.hear(told(CodeRefused, customer_id=person))
    await post.send()
    [arrival] = post.mails_to(person)
    assert "- Service: Bijstand 3" in arrival.body("plain").splitlines()


@pytest.mark.requirement("ACT-04", "NTF-03")
async def test_a_name_that_changes_while_a_mail_waits_is_the_one_that_is_read(post: Post) -> None:
    await post.room.hear(published(1))
    person = await post.meet(language="en", brand="d-link")
    await post.room.hear(told(ServiceOperational, customer_id=person, brand="d-link", **PACK))
    await post.room.hear(published(2))
    await post.send()
    [arrival] = post.mails_to(person)
    assert str(arrival.message["Subject"]).startswith("Assist 2 ")


def test_a_refused_activation_has_no_name_of_its_own() -> None:
    assert "service_name" not in ActivationRefused.model_fields, "or its text could say it"
