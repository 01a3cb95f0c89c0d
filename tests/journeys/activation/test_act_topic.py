"""Nothing personal, no code and no key on a public topic, whatever the journeys before this one did (ALL-04)."""

from typing import Final

import pytest
from tests.journeys.activation.activating import CONFIDENTIAL, ELSEWHERE, activating, private
from tests.journeys.activation.test_act_licences import loaded
from tests.journeys.brands import PLAYED
from tests.journeys.test_said import everything_said
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch
from event_schemas.topics import load_topics

BRAND: Final = PLAYED[1]
PUBLIC: Final = {topic.topic for topic in load_topics() if topic.personal_data == "pseudonymous"}
PRIVATE: Final = {"contacts", "registration-mail", "activation-codes", "activation-mail"}
REASON: Final = "Rue du Bac wohnt Frau Lambert, nicht die Firma."


@pytest.mark.requirement("ALL-04", "ACT-02", "ACT-05", "ACT-12")
async def test_no_name_address_code_key_or_reason_is_on_a_public_topic(stack: Stack, watch: Watch) -> None:
    journey = await activating(stack, watch, BRAND).home()
    code, key = await journey.code(1), await loaded(journey)
    private(REASON)
    site = await journey.site()
    asked = await journey.ask(journey.item(code, site, product_address=ELSEWHERE))
    [item] = asked["items"]
    await journey.do(f"/activation-requests/{asked['request_id']}/items/{item['item_id']}/refusal", {"reason": REASON})
    await journey.activate(code, site)
    await journey.mail("could not be activated", REASON)

    spoken = [(record.topic.removeprefix(stack.prefix), record) for record in await everything_said(stack)]
    words = {word: word.encode() for word in CONFIDENTIAL}
    assert {code, key, REASON, journey.owner["email"], ELSEWHERE["street"]} <= set(words)
    found = sorted(
        (topic, word, str(record.header("ce_type")))
        for topic, record in spoken
        if topic in PUBLIC
        for word, sought in words.items()
        if sought in (record.value or b"") or sought in (record.key or b"")
    )
    assert found == []
    assert [(topic, record.value) for topic, record in spoken if topic.endswith("-dlq")] == []
    told = {
        topic
        for topic, record in spoken
        if topic in PRIVATE and any(w in (record.value or b"") for w in words.values())
    }
    assert told == PRIVATE  # the words are those that were said where they may be
    assert {"service.activated.v1", "activation.held.v1", "licence.issued.v1"} <= {
        str(record.header("ce_type")) for topic, record in spoken if topic == "activation"
    }
