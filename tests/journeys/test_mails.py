"""Each step is mailed once, to whom it concerns, in their language (NTF-01, NTF-03, NTF-04)."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.brands import PLAYED, Played
from tests.journeys.journey import Journey
from tests.journeys.people import Somebody
from tests.journeys.test_order_to_credit import covered, journey_of
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Heard, Watch

WORDS: Final = {
    "fr": ("enregistré", "activé", "demande de réparation", "opérationnel", "arrivé au centre", "retour", "avoir"),
    "nl": ("geregistreerd", "geactiveerd", "herstelling", "operationeel", "servicecentrum", "retour", "credit"),
    "en": ("registered", "activated", "repair request", "operational", "service centre", "return", "credit"),
}
STEPS: Final = (
    "product-registered",
    "service-activated",
    "ticket-received",
    "service-operational",
    "coverage-revised",
    "unit-received",
    "unit-not-repairable",
    "return-requested",
    "return-accepted",
    "credit-issued",
)


async def whole_way(stack: Stack, watch: Watch, played: Played, language: str) -> Journey:
    """A journey in which every step has happened."""
    journey = journey_of(stack, watch, played)
    journey.owner["language"] = journey.buyer["language"] = language
    await journey.register(await journey.order(1), relativedelta(months=10))
    activated = await watch.event("service.activated.v1", serial=journey.serial)
    await until(lambda: covered(stack, journey), "tickets hears of the service")
    repair = await journey.ask_repair()
    await stack.advance(datetime.fromisoformat(activated.data["operational_at"]) - stack.now() + timedelta(seconds=1))
    await watch.event("repair.finished.v1", ticket_id=repair["ticket_id"])
    await journey.invoice("450.00", relativedelta(months=10))
    asked = await journey.ask_return(repair["ticket_id"])
    await watch.event("credit.issued.v1", ticket_id=asked["ticket_id"])
    return journey


@pytest.mark.requirement("NTF-01", "NTF-03", "NTF-04")
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
async def test_each_step_is_mailed_once_in_the_persons_language(stack: Stack, watch: Watch, language: str) -> None:
    journey = await whole_way(stack, watch, PLAYED[0], language)

    async def all_there() -> list[str]:
        mails = await journey.mails(journey.owner["email"])
        return [mail["subject"] for mail in mails] if len(mails) >= len(STEPS) else []

    subjects = await until(all_there, f"{len(STEPS)} mails to the owner")
    mails = await journey.mails(journey.owner["email"])
    assert len(subjects) == len(STEPS), subjects
    assert len({mail["message_id"] for mail in mails}) == len(STEPS)
    assert all(len(mail["deliveries"]) == 1 for mail in mails)
    assert {mail["headers"]["Content-Language"] for mail in mails} == {language}
    text = " ".join(subjects)
    assert [word for word in WORDS[language] if word not in text] == []
    kinds = [one.data["kind"] for one in await sent_to(watch, journey)]
    assert sorted(kinds) == sorted(STEPS)


@pytest.mark.requirement("REG-01", "NTF-01", "NTF-03")
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
async def test_the_code_that_was_mailed_opens_an_account(stack: Stack, language: str) -> None:
    somebody = await Somebody(stack, PLAYED[0].brand, "Camille Martin", language).sign_up(by="code")
    assert somebody.claims["role"] == "applicant"
    assert await somebody.mailbox.languages() == {language}


async def sent_to(watch: Watch, journey: Journey) -> list[Heard]:
    """What notifications says it has sent to the journey's owner, when it has said all of it."""
    registered = await watch.event("product.registered.v1", serial=journey.serial)
    owner = registered.data["customer_id"]

    async def said() -> list[Heard]:
        sent = watch.heard("notification.sent.v1", contact_id=owner)
        return list(sent) if len(sent) >= len(STEPS) else []

    return await until(said, "NotificationSent for every mail")
