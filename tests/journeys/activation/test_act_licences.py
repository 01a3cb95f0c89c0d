"""Software that a service maintains: keys, downloads, lapse and reinstatement (ACT-12, I15…I19, L23)."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import pytest
from tests.journeys.activation.activating import Activating, Body, activating, private
from tests.journeys.brands import PLAYED
from tests.journeys.people import Somebody, end_customer
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

BRAND: Final = PLAYED[1]
SOFTWARE: Final = "NUCLIAS-CONNECT"


async def loaded(journey: Activating) -> str:
    """One more key of the program."""
    key = f"NC-{uuid4().hex[:12].upper()}"
    private(key)
    await journey.do("/licence-keys", {"brand": BRAND.brand, "software": SOFTWARE, "keys": [key]})
    return key


async def released(journey: Activating, version: str) -> None:
    """A version comes out today."""
    body = {"brand": BRAND.brand, "software": SOFTWARE, "version": version}
    where = {"released_on": journey.day().isoformat(), "download_url": f"https://downloads.example/{version}.zip"}
    await journey.do("/software-releases", body | where)


async def key_for(who: Somebody, licence_id: str) -> tuple[int, Any]:
    """What somebody with that token is shown."""
    headers = {"Authorization": f"Bearer {who.token}"}
    answer = await who.stack.post("activation", f"/licences/{licence_id}/key", {}, headers=headers)
    return answer.status_code, answer.json().get("key", answer.json().get("code"))


async def licence_of(journey: Activating, state: str) -> Body:
    """The product's licence, as soon as it is in that state."""

    async def there() -> Body:
        found = (await journey.read("/licences", serial=journey.serial, state=state))["items"]
        return dict(found[0]) if found else {}

    return await until(there, f"a licence {state} for {journey.serial}")


@pytest.mark.requirement("ACT-12", "ALL-06", "NTF-01")
async def test_a_licence_key_is_shown_to_its_holder_and_to_nobody_else(stack: Stack, watch: Watch) -> None:
    nora = await end_customer(stack, BRAND.brand, "Nora Claes", "nl")
    hugo = await end_customer(stack, BRAND.brand, "Hugo Maes", "fr")
    journey = activating(stack, watch, BRAND)
    journey.buyer = journey.owner = nora.person
    await journey.home()
    await journey.activate()
    licence = await licence_of(journey, "awaiting_key")
    path = f"/licences/{licence['licence_id']}"
    assert await key_for(nora, licence["licence_id"]) == (200, None)
    key = await loaded_until(journey, licence)
    issued = (await watch.event("licence.issued.v1", licence_id=licence["licence_id"])).data
    assert (issued["software"], issued["customer_id"]) == (SOFTWARE, journey.product["customer_id"])
    assert key not in str(issued)

    assert await key_for(nora, licence["licence_id"]) == (200, key)
    assert await key_for(hugo, licence["licence_id"]) == (404, "not-found")
    assert (await hugo.ask(path, "activation")).status_code == 404
    assert (await hugo.read("/licences", "activation"))["items"] == []
    own = await nora.read("/licences", "activation")
    assert [one["licence_id"] for one in own["items"]] == [licence["licence_id"]]
    assert key not in str(own)
    shown = await journey.read(path)
    assert [one["what"] for one in shown["history"] if one["by"] == "holder"] == ["key_shown"]
    await kinds_sent(watch, journey.product["customer_id"], "licence-issued")
    mail = await nora.mailbox.mail(SOFTWARE)
    assert key not in mail["text"] + mail["html"]


async def loaded_until(journey: Activating, licence: Body) -> str:
    """Keys come in until the licence has its own: older ones that wait are served first."""
    while (await journey.read(f"/licences/{licence['licence_id']}"))["state"] == "awaiting_key":
        key = await loaded(journey)
    return key


@pytest.mark.requirement("ACT-12", "NTF-01")
async def test_maintenance_that_lapsed_is_taken_up_again_for_the_fee_of_the_day(stack: Stack, watch: Watch) -> None:
    journey = await activating(stack, watch, BRAND).home()
    lines = [{"serial": journey.serial, "service_references": [BRAND.reference]}]
    contract = await journey.do("/contracts", {"brand": BRAND.brand, "lines": lines, "months": 1})
    [licence] = (await journey.read("/licences", serial=journey.serial, software=SOFTWARE))["items"][:1]
    path, last = f"/licences/{licence['licence_id']}", date.fromisoformat(contract["ends_on"])
    assert licence["maintained_until"] == contract["ends_on"]
    early, late = f"5.{uuid4().int % 10**9}", f"6.{uuid4().int % 10**9}"
    await released(journey, early)
    running = await journey.stack.get("activation", f"{path}/reinstatement")
    assert (running.status_code, running.json()["code"]) == (409, "maintenance-running")

    await journey.on(last, time(23, 50))
    assert watch.heard("licence.maintenance.lapsed.v1", licence_id=licence["licence_id"]) == []
    await journey.on(last + timedelta(days=1))
    lapsed = (await watch.event("licence.maintenance.lapsed.v1", licence_id=licence["licence_id"])).data
    assert lapsed["lapsed_on"] == (last + timedelta(days=1)).isoformat()
    await journey.on(last + timedelta(days=40))
    await released(journey, late)
    assert await downloads(journey, path) | {early: True, late: False} == await downloads(journey, path)

    quote = await journey.read(f"{path}/reinstatement")
    fee, per_month = (Decimal(quote[name]["amount"]) for name in ("fee", "fee_per_month"))
    assert (quote["months"], Decimal(quote["total"]["amount"])) == (2, fee + 2 * per_month)
    wrong = await journey.send(f"{path}/reinstatement", {"amount": {"amount": "1.00", "currency": "EUR"}})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "amount-not-quoted")
    again = await journey.do(f"{path}/reinstatement", {"amount": quote["total"]})
    assert (again["maintenance"], again["maintained_until"]) == ("running", quote["maintained_until"])
    fact = (await watch.event("licence.maintenance.reinstated.v1", licence_id=licence["licence_id"])).data
    assert Decimal(fact["fee"]["amount"]) == Decimal(quote["total"]["amount"])
    third = f"7.{uuid4().int % 10**9}"
    await released(journey, third)
    assert (await downloads(journey, path))[third] is True
    customer = journey.product["customer_id"]
    await kinds_sent(watch, customer, "maintenance-lapsed", "maintenance-reinstated")


async def downloads(journey: Activating, path: str) -> dict[str, bool]:
    """Which versions there are, and which of them may be downloaded."""
    items = (await journey.read(f"{path}/downloads"))["items"]
    assert [one["version"] for one in items if bool(one["download_url"]) is not one["entitled"]] == []
    return {one["version"]: one["entitled"] for one in items}
