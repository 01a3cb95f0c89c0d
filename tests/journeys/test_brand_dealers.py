"""Every brand's dealers have accounts of their own and register by that brand's rules, and by no other's (POL-02)."""

from datetime import datetime
from uuid import uuid4

import pytest
from tests.journeys.brands import EVERY, Played
from tests.journeys.mailbox import Mailbox
from tests.journeys.people import administrator, order_for
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day


@pytest.mark.requirement("POL-02", "POL-03", "REG-01", "REG-03", "REG-05", "REG-08", "REG-14")
@pytest.mark.parametrize("played", EVERY, ids=lambda played: played.brand)
async def test_a_brands_dealer_signs_up_signs_in_and_registers_by_its_rules(
    stack: Stack, watch: Watch, played: Played
) -> None:
    dealer = await administrator(stack, played.brand, "Dirk Janssens", played.language)
    assert (dealer.claims["brand"], dealer.claims["role"]) == (played.brand, "dealer-admin")
    case = await order_for(dealer, played.reference)
    certificate = await dealer.mailbox.certificate(case)
    form = await dealer.read(f"/registration-form?certificate={certificate}")
    contact = played.policy("registration")["contacts"]["requests"]
    assert (form["brand"], form["contact_address"]) == (played.brand, contact)

    customer = {"name": "Ada Moreau", "email": f"ada-{uuid4().hex[:10]}@example.org", "language": played.language}
    today = played.today(stack.now())
    body = {"certificate": certificate, "model": played.model, "purchased_on": today.isoformat(), "customer": customer}
    body |= {"brand": played.brand, "registered_as": "reseller"}
    mistyped = await dealer.send("/registrations", {**body, "serial": played.mistyped})
    assert mistyped.json()["errors"][0]["accepted"] == played.meant
    other = next(one.brand for one in EVERY if one.brand != played.brand)
    foreign = await dealer.send("/registrations", {**body, "serial": played.meant, "brand": other})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "brand-not-yours")

    serial = played.unit(next(UNITS))
    registered = await dealer.do("/registrations", {**body, "serial": serial})
    assert registered["warranty_ends_on"] == last_day(today, played.warranty_months).isoformat()
    activated = (await watch.event("service.activated.v1", serial=serial)).data
    assert datetime.fromisoformat(activated["activated_at"]).astimezone(played.zone).date() == today
    told = [one["subject"] for one in await mails_from(Mailbox(stack, customer["email"]), played)]
    assert all(serial in subject for subject in told)


async def mails_from(mailbox: Mailbox, played: Played) -> list[dict[str, str]]:
    """The two mails about a registered product; both are the brand's and in the customer's language."""
    await mailbox.subjects(2)
    mails, policy = await mailbox.mails(), played.policy("notifications")
    assert {mail["headers"]["From"].partition(" <")[0].strip('"') for mail in mails} == {policy["display_name"]}
    assert await mailbox.languages() == {played.language}
    return mails
