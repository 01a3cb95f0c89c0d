"""How contracts end before their term, and what everybody is told of it before and after (ACT-09…ACT-11)."""

from datetime import date, timedelta
from typing import Final

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.activation.agreeing import Agreement, agreed, at_home
from tests.journeys.brands import PLAYED
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day

BRAND: Final = PLAYED[3]
NOTICE: Final = {"reason": "notice"}


WORDS: Final = {"fr": "Référence du client", "nl": "Klantreferentie", "en": "Customer reference"}


def months(day: date, many: int) -> str:
    return (day + relativedelta(months=many)).isoformat()


async def ended(agreement: Agreement, last_day: str, reason: str) -> None:
    """Each of its services says its last day."""
    for journey in agreement.journeys:
        fact = (await journey.watch.event("service.ended.v1", serial=journey.serial)).data
        assert (fact["ended_on"], fact["reason"]) == (last_day, reason)
        await journey.covered_as("contract", covered_until=last_day)


@pytest.mark.requirement("ACT-09", "ACT-11", "NTF-01", "TKT-09")
async def test_a_customer_ends_a_contract_after_six_months_on_the_day_that_was_shown_before(
    stack: Stack, watch: Watch
) -> None:
    agreement = await agreed(await at_home(stack, watch, BRAND, 2), 24)
    opened = agreement.one.day()
    shown = await agreement.one.read(f"{agreement.path}/exit")
    right = last_day(opened, 6) + timedelta(days=1)
    assert shown["customer"]["right_arises_on"] == right.isoformat()
    assert shown["customer"]["last_billable_on"] == months(right, 1)
    assert shown["vendor"]["last_billable_on"] == months(last_day(opened, 12) + timedelta(days=1), 3)
    assert (shown["customer"]["why"], shown["vendor"]["why"]) == ("minimum_term", "minimum_term")
    assert len(shown["lines"]) == 2

    await agreement.one.on(right + timedelta(days=10))
    today = agreement.one.day()
    shown = await agreement.one.read(f"{agreement.path}/exit")
    last = months(today, 1)
    assert (shown["customer"]["last_billable_on"], shown["customer"]["why"]) == (last, "notice")
    assert shown["vendor"]["why"] == "minimum_term"
    done = await agreement.do("termination", NOTICE)
    assert (done["state"], done["termination"]["last_billable_on"]) == ("active", last)
    fact = (await agreement.said("contract.terminated.v1")).data
    assert (fact["by"], fact["reason"], fact["last_billable_on"]) == ("customer", "notice", last)
    await ended(agreement, last, "termination")
    assert await agreement.refused("termination", NOTICE) == (409, "termination-stands")
    assert await agreement.refused("renewal", {}) == (409, "contract-terminated")
    await kinds_sent(watch, agreement.contract["customer_id"], "contract-ended-by-customer")

    await agreement.one.on(date.fromisoformat(last) + timedelta(days=1))
    for journey in agreement.journeys:
        await journey.covered_as("billable")
    assert (await agreement.one.ask_repair())["verdict"] == "billable"

    async def over() -> bool:
        return bool((await agreement.look())["state"] == "terminated")

    await until(over, "the contract is over")
    assert agreement.contract["renewable_until"] is None
    assert agreement.so_far("contract.expired.v1") == []


@pytest.mark.requirement("ACT-11", "ALL-06")
async def test_a_breach_ends_a_contract_at_once_and_the_vendors_end_is_for_staff(stack: Stack, watch: Watch) -> None:
    agreement = await agreed(await at_home(stack, watch, BRAND), 24)
    breach = {"reason": "breach"}
    assert await agreement.refused("vendor-termination", breach) == (422, "breach-unexplained")
    note = "Der Kunde hat seit drei Monaten nicht bezahlt."
    today = agreement.one.day()
    done = await agreement.do("vendor-termination", {**breach, "note": note})
    assert done["termination"]["last_billable_on"] == today.isoformat()
    fact = (await agreement.said("contract.terminated.v1")).data
    assert (fact["by"], fact["reason"]) == ("vendor", "breach")
    assert note not in str(fact)
    await agreement.one.on(today + timedelta(days=1))
    await agreement.one.covered_as("billable")
    assert watch.heard("service.operational.v1", serial=agreement.one.serial) == []


@pytest.mark.requirement("ACT-10", "ACT-11", "NTF-01", "TKT-09")
async def test_one_product_goes_out_of_a_contract_with_its_notice_and_the_other_stays(
    stack: Stack, watch: Watch
) -> None:
    agreement = await agreed(await at_home(stack, watch, BRAND, 2), 24)
    gone, stays = agreement.journeys
    line = next(one for one in agreement.contract["lines"] if one["serial"] == gone.serial)
    other = next(one for one in agreement.contract["lines"] if one["serial"] == stays.serial)
    shown = await gone.read(f"{agreement.path}/exit")
    expected = next(one for one in shown["lines"] if one["serial"] == gone.serial)["customer"]["last_billable_on"]
    every = {**NOTICE, "lines": [line["activation_id"], other["activation_id"]]}
    assert await agreement.refused("removals", every) == (409, "contract-would-be-empty")
    removed = await agreement.do("removals", {**NOTICE, "lines": [line["activation_id"]]})
    assert [(one["serial"], one["last_day"]) for one in removed["removed"]] == [(gone.serial, expected)]
    changed = (await agreement.said("contract.changed.v1")).data
    assert [one["activation_id"] for one in changed["removed"]] == [line["activation_id"]]
    fact = (await watch.event("service.ended.v1", serial=gone.serial)).data
    assert (fact["reason"], fact["ended_on"]) == ("removal", expected)
    await kinds_sent(watch, agreement.contract["customer_id"], "service-ended")
    await gone.on(date.fromisoformat(expected) + timedelta(days=1))
    await gone.covered_as("billable")
    await stays.covered_as("contract")
    assert (await agreement.look())["state"] == "active"


@pytest.mark.requirement("ACT-09", "NTF-03")
async def test_the_copy_of_a_contract_is_in_the_readers_language(stack: Stack, watch: Watch) -> None:
    agreement = await agreed(await at_home(stack, watch, BRAND), 12)
    personal = agreement.one.owner["name"], agreement.one.owner["email"]
    for language, words in WORDS.items():
        text = " ".join((await agreement.copy(language)).split())
        told = (agreement.number, agreement.one.serial, BRAND.offer["name"][language], words)
        assert [one for one in told if one not in text] == []
        assert [one for one in personal if one in text] == []
