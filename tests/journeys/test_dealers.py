"""A dealer's first day: from a sign-up to a registered product that only the right people see."""

import asyncio
from typing import Any, Final
from uuid import uuid4

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.mailbox import Mailbox
from tests.journeys.people import Actor, Somebody, administrator, end_customer, order_for
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

PLAYED_HERE: Final = PLAYED[0]
NEW_PASSWORD: Final = "eight pears on a roof"


class Shop:
    """An organisation in the making: Lieve founds it, Marc joins it by himself, Nora later."""

    def __init__(self, stack: Stack, watch: Watch) -> None:
        self.stack, self.watch = stack, watch
        self.name = f"Elektro Peeters {uuid4().hex[:10]}"
        self.lieve = Somebody(stack, PLAYED_HERE.brand, "Lieve Peeters", "nl")
        self.marc = Somebody(stack, PLAYED_HERE.brand, "Marc Dubois", "fr")
        self.nora = Somebody(stack, PLAYED_HERE.brand, "Nora Claes", "en")
        self.organisation = self.case_number = ""

    async def open(self) -> None:
        """The first of them signs up, finds no organisation, and creates it."""
        lieve = await self.lieve.sign_up(by="code")
        assert lieve.claims["role"] == "applicant"
        profile = await lieve.complete()
        assert (profile["state"], profile["role"], profile["phone"]) == ("verified", None, "+3225550100")
        assert (await lieve.send("/registrations", {})).status_code == 403  # nobody works without an organisation
        made = await lieve.found(self.name)
        self.organisation = made["organisation_id"]
        assert (lieve.claims["role"], lieve.claims["organisation"]) == ("dealer-admin", self.organisation)

    async def let_in(self, applicant: Somebody, in_the_mail: str) -> dict[str, Any]:
        """Somebody signs up by link and asks to join; the administrator follows the link in her mail and approves."""
        await applicant.sign_up(by="link")
        await applicant.complete()
        [found] = (await applicant.read(f"/organisations?q={self.name}"))["items"]
        asked = await applicant.do("/join-requests", {"organisation_id": found["organisation_id"]})
        requested = (await self.watch.event("join.requested.v1", join_request_id=asked["join_request_id"])).data
        assert applicant.name not in str(requested)
        assert (await applicant.sign_in()).claims["role"] == "applicant"
        link = await self.lieve.mailbox.link(in_the_mail, f"/join-requests/{asked['join_request_id']}")
        shown = await self.lieve.read(link)
        assert (shown["applicant_name"], shown["applicant_email"]) == (applicant.name, applicant.email)
        assert (await applicant.ask(link)).status_code == 403
        await self.lieve.do(f"{link}/approval")
        decided = (await self.watch.event("join.decided.v1", join_request_id=asked["join_request_id"])).data
        assert (decided["approved"], decided["applicant_id"]) == (True, requested["applicant_id"])
        return requested


def unit_for(customer: dict[str, str], certificate: str, stack: Stack) -> dict[str, Any]:
    """The form that a dealer fills in for a customer."""
    unit = {"serial": PLAYED_HERE.unit(next(UNITS)), "model": PLAYED_HERE.model, "certificate": certificate}
    bought = {
        "purchased_on": PLAYED_HERE.today(stack.now()).isoformat(),
        "customer": customer,
        "registered_as": "reseller",
    }
    return {"brand": PLAYED_HERE.brand, **unit, **bought}


async def same_as_unknown(stranger: Actor, path: str, known: str) -> bool:
    """Whether a stranger's answer is, byte for byte and header for header, the one for an id that nobody has."""
    story = {"X-Request-Id": str(uuid4())}
    answers = [await stranger.ask(path.format(one), **story) for one in (known, str(uuid4()))]
    bare = [
        {name: told for name, told in one.headers.items() if name not in ("date", "traceparent")} for one in answers
    ]
    assert answers[0].status_code == 404
    return answers[0].content == answers[1].content and bare[0] == bare[1]


async def may_read(actor: Actor, path: str) -> bool:
    """Whether an actor is shown it, and not told that it does not exist."""
    status = (await actor.ask(path)).status_code
    assert status in (200, 404)
    return status == 200


@pytest.mark.requirement("REG-01", "REG-02", "REG-03", "REG-04", "REG-05", "REG-06", "REG-08", "NTF-01", "NTF-03")
async def test_from_a_dealers_sign_up_to_a_product_that_only_the_right_people_see(stack: Stack, watch: Watch) -> None:
    shop, stranger = Shop(stack, watch), await administrator(stack, PLAYED_HERE.brand, "Zoe Verlinden", "nl")
    lieve, marc, nora = shop.lieve, shop.marc, shop.nora
    await shop.open()
    for applicant, welcome in ((marc, "Vous faites désormais partie"), (nora, "You now belong")):
        await shop.let_in(applicant, "Iemand wil zich aansluiten")
        assert shop.name in (await applicant.mailbox.mail(welcome))["subject"]
        await applicant.sign_in()
        assert (applicant.claims["role"], applicant.claims["organisation"]) == ("dealer-member", shop.organisation)

    customer = {"name": "Ada Moreau", "email": f"ada-{uuid4().hex[:10]}@example.org", "language": "en"}
    shop.case_number = await order_for(marc, PLAYED_HERE.reference)
    form = unit_for(customer, await marc.mailbox.certificate(shop.case_number), stack)
    registered = await marc.do("/registrations", form)
    told = (await watch.event("product.registered.v1", serial=form["serial"])).data
    assert (told["organisation_id"], told["customer_id"]) == (shop.organisation, registered["customer_id"])

    for path, known in (
        ("/products/{}", registered["product_id"]),
        ("/registrations/{}", registered["redemption_id"]),
    ):
        seen = [await may_read(who, path.format(known)) for who in (marc, lieve, nora)]
        assert seen == [True, True, False]
        for who in (nora, stranger):
            assert await same_as_unknown(who, path, known)
    await lieve.do("/organisation/visibility", {"members_see": "all"})
    await nora.sign_in()
    assert await may_read(nora, f"/products/{registered['product_id']}")
    assert await same_as_unknown(stranger, "/products/{}", registered["product_id"])
    assert (await stranger.read("/products"))["items"] == []
    await everybody_got_their_mails_in_their_language(shop, Mailbox(stack, customer["email"]), form["serial"])


async def everybody_got_their_mails_in_their_language(shop: Shop, customer: Mailbox, serial: str) -> None:
    """All of their mails and no other, each once."""
    service, asks = "Pack Pro Connect 3", f"Iemand wil zich aansluiten bij {shop.name}"
    expected = {
        shop.lieve.mailbox: ["Bevestig uw e-mailadres voor dynabook", asks, asks],
        shop.marc.mailbox: [
            "Confirmez votre adresse e-mail pour dynabook",
            f"Vous faites désormais partie de {shop.name}",
            f"Votre commande {shop.case_number} est confirmée : {service} ans",
        ],
        shop.nora.mailbox: ["Confirm your e-mail address for dynabook", f"You now belong to {shop.name}"],
        customer: [f"Your product {serial} is registered", f"{service} years is activated for {serial}"],
    }
    for mailbox, subjects in expected.items():
        assert await mailbox.subjects(len(subjects)) == sorted(subjects)
    languages = [await mailbox.languages() for mailbox in expected]
    assert languages == [{"nl"}, {"fr"}, {"en"}, {"en"}]


@pytest.mark.requirement("REG-04", "NTF-01", "NTF-03")
async def test_whoever_is_not_let_in_reads_why_in_the_mail_and_may_try_elsewhere(stack: Stack, watch: Watch) -> None:
    brand = PLAYED_HERE.brand
    applicant = Somebody(stack, brand, "Hugo Maes", "nl")
    one, other, _ = await asyncio.gather(
        administrator(stack, brand, "Anne Peeters", "fr"),
        administrator(stack, brand, "Berta Klein", "en"),
        applicant.sign_up(),
    )
    await applicant.complete()
    asked = await applicant.do("/join-requests", {"organisation_id": one.claims["organisation"]})
    link = await one.mailbox.link("Une personne souhaite rejoindre", "/join-requests/")
    assert await same_as_unknown(other, "/join-requests/{}", asked["join_request_id"])
    assert (await one.send(f"{link}/refusal", {})).status_code == 422  # not without a reason
    await one.do(f"{link}/refusal", {"reason": "Geen collega van ons."})
    decided = (await watch.event("join.decided.v1", join_request_id=asked["join_request_id"])).data
    assert decided["approved"] is False
    assert "Geen collega" not in str(decided)
    mail = await applicant.mailbox.mail("heeft uw aanvraag niet goedgekeurd")
    assert "Geen collega van ons." in mail["text"]
    assert (await applicant.sign_in()).claims["role"] == "applicant"
    again = await applicant.do("/join-requests", {"organisation_id": other.claims["organisation"]})
    assert again["state"] == "pending"
    await other.mailbox.mail("Somebody would like to join")


@pytest.mark.requirement("REG-05", "NTF-01", "NTF-03")
@pytest.mark.parametrize(("by", "language"), [("code", "fr"), ("link", "nl")])
async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(
    stack: Stack, watch: Watch, by: str, language: str
) -> None:
    forgetful = await end_customer(stack, PLAYED_HERE.brand, "Camille Martin", language)
    address = {"brand": forgetful.brand, "email": forgetful.email}
    nobody = await forgetful.send("/password-resets", {**address, "email": f"no-{forgetful.email}"})
    asked = await forgetful.send("/password-resets", address)
    assert (asked.status_code, asked.content) == (nobody.status_code, nobody.content)
    subject = {"fr": "Choisissez un nouveau mot de passe", "nl": "Kies een nieuw wachtwoord"}[language]
    link = await forgetful.mailbox.link(subject, "/password-reset?token=")
    assert (await forgetful.read(link))["good"] is True
    by_code = {**address, "code": await forgetful.mailbox.code(subject)}
    proof = by_code if by == "code" else {"token": link.partition("=")[2]}
    await forgetful.do("/password-resets/completion", {**proof, **twice(NEW_PASSWORD)})

    assert (
        await forgetful.send("/password-resets/completion", {**proof, **twice("another one of mine")})
    ).status_code == 422
    assert (await forgetful.read(link))["good"] is False
    over = await forgetful.send("/sessions/refresh", {"refresh_token": forgetful.refresh_token})
    assert over.status_code == 401
    assert (await forgetful.try_to_sign_in()).status_code == 401
    await forgetful.sign_in(NEW_PASSWORD)
    changed = {"fr": "a été modifié", "nl": "is gewijzigd"}[language]
    await forgetful.mailbox.mail(changed)
    assert await forgetful.mailbox.languages() == {language}
    assert len(await forgetful.mailbox.mails()) == 3


def twice(password: str) -> dict[str, str]:
    """A new password as the form asks for it."""
    return {"password": password, "password_confirmation": password}
