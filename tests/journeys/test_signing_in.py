"""Registration signs tokens with a key that it alone has; every service knows its public half (REG-05, ALL-06)."""

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.people import Actor, Somebody
from tests.support.stack_of_services import Stack

ASKED = {
    "activation": "/activations",
    "tickets": "/tickets",
    "notifications": "/mails",
    "credits": "/credits",
}
"""A question of each of the other services."""


@pytest.mark.requirement("REG-05", "ALL-06")
async def test_a_token_that_registration_signs_is_known_to_every_service(stack: Stack) -> None:
    applicant = await Somebody(stack, PLAYED[0].brand, "Camille Martin", "fr").sign_up()
    assert (await applicant.read("/profile"))["email"] == applicant.email
    # it is good, and does not grant this; with one letter changed it is not good
    token = applicant.token
    forger = Actor(stack, token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:])
    for service, path in ASKED.items():
        answers = [await one.ask(path, service) for one in (applicant, forger)]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (403, "scope-missing"),
            (401, "token-invalid"),
        ]
