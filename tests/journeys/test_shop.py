"""What else a dealer does all day: several products of one customer, and the brand's news (REG-07, REG-12)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.mailbox import Mailbox
from tests.journeys.people import PDF, Somebody, administrator, end_customer, order_for, server
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

SOLD: Final = PLAYED[3]
MONTH: Final = timedelta(days=30)
CARD: Final = {"en": "Dealer card, winter", "fr": "Dealercard, hiver", "nl": "Dealerkaart, winter"}


@pytest.mark.requirement("REG-12", "REG-13", "ACT-01", "NTF-03")
async def test_of_several_products_the_good_ones_get_their_service_and_the_others_say_why(
    stack: Stack, watch: Watch
) -> None:
    dealer = await administrator(stack, SOLD.brand, "Lieve Peeters", "nl")
    certificate = await dealer.mailbox.certificate(await order_for(dealer, SOLD.reference, 2))
    customer = {"name": "Ada Moreau", "email": f"ada-{uuid4().hex[:10]}@example.org", "language": "fr"}
    usual = {"certificate": certificate, "model": SOLD.model, "purchased_on": SOLD.today(stack.now()).isoformat()}
    serials = [SOLD.unit(next(UNITS)), SOLD.mistyped, SOLD.unit(next(UNITS)), SOLD.unit(next(UNITS))]
    body: dict[str, Any] = {"brand": SOLD.brand, "customer": customer, "registered_as": "reseller"}
    told = await dealer.do("/registration-batches", body | {"products": [{"serial": one, **usual} for one in serials]})
    problems = [one["problem"] and one["problem"]["code"] for one in told["outcomes"]]
    assert problems == [None, "serial-malformed", None, "certificate-exhausted"]
    assert told["outcomes"][1]["problem"]["accepted"] == SOLD.meant
    for serial in (serials[0], serials[2]):
        assert (await watch.event("product.registered.v1", serial=serial)).data["organisation_id"]
        await watch.event("service.activated.v1", serial=serial)
    await Mailbox(stack, customer["email"]).subjects(4)  # of two products, and of their two services
    assert await Mailbox(stack, customer["email"]).languages() == {"fr"}
    assert watch.heard("product.registered.v1", serial=serials[3]) == []

    refused = await dealer.send("/registration-batches", body | {"products": [{"serial": "1", **usual}] * 51})
    assert (refused.status_code, f"/dossiers/template?brand={SOLD.brand}" in refused.text) == (422, True)
    assert (await dealer.ask(f"/dossiers/template?brand={SOLD.brand}")).status_code == 200


def card(stack: Stack, *, countries: Sequence[str] = (), roles: Sequence[str] = ()) -> dict[str, Any]:
    """A dealer card for a month, to these countries and roles."""
    period = {"valid_from": stack.now().isoformat(), "valid_until": (stack.now() + MONTH).isoformat()}
    audience = {"countries": list(countries), "roles": list(roles)}
    return {"brand": SOLD.brand, "kind": "dealer_card", "title": CARD, "body": CARD, **period, **audience}


async def shown_to(reader: Somebody) -> dict[str, dict[str, Any]]:
    """The announcements that somebody is shown in their language, by id."""
    listed = (await reader.ask("/announcements", **{"Accept-Language": reader.language})).json()["items"]
    return {one["announcement_id"]: one for one in listed}


@pytest.mark.requirement("REG-06", "REG-07")
async def test_a_dealer_card_reaches_the_dealers_of_its_country_while_it_is_valid(stack: Stack, watch: Watch) -> None:
    dealer = await administrator(stack, SOLD.brand, "Lieve Peeters", "nl")
    customer = await end_customer(stack, SOLD.brand, "Ada Moreau", "fr")
    elsewhere = await administrator(stack, PLAYED[1].brand, "Anne Dubois", "fr")
    staff, dealers = server(stack, "staff"), ["dealer-admin", "dealer-member"]
    assert (await dealer.send("/announcements", card(stack))).status_code == 403
    belgian = {**card(stack, countries=["BE"], roles=dealers), "attachment": await staff.keep("card.pdf")}
    cards = [belgian, card(stack, countries=["FR"]), card(stack, roles=dealers)]
    here, abroad, anywhere = [str((await staff.do("/announcements", one))["announcement_id"]) for one in cards]
    published = (await watch.event("announcement.published.v1", announcement_id=here)).data
    assert (published["title"], published["countries"], published["roles"]) == (CARD, ["BE"], dealers)

    shown = await shown_to(dealer)
    assert {here, abroad, anywhere} & shown.keys() == {here, anywhere}
    assert shown[here]["title"] == "Dealerkaart, winter"
    assert (await dealer.ask(shown[here]["attachment"])).content == PDF
    for other in (customer, elsewhere):
        assert {here, abroad, anywhere} & (await shown_to(other)).keys() == set()
        assert (await other.ask(shown[here]["attachment"])).status_code == 404
    await stack.advance(MONTH + timedelta(seconds=1))
    assert {here, abroad, anywhere} & (await shown_to(dealer)).keys() == set()
    assert (await dealer.ask(shown[here]["attachment"])).status_code == 404
