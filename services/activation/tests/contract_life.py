"""The life of some contracts as a state machine: every deed goes through the real service (ACT-09…ACT-11)."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Final
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from event_schemas.activation import ServiceActivated
from event_schemas.registration import CertificateRedeemed, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred

from .contract_desk import ANEW, OFFSETS, SEAMLESS, STARTS, Desk
from .contract_model import ONE, Rules, World, months_after, term_end

PRODUCTS, PEOPLE, SERVICES, ANY = st.integers(0, 2), st.integers(0, 1), st.integers(0, 1), st.integers(0, 40)
MONTHS: Final = st.sampled_from([None, 1, 2, 6, 7, 13])
PARTIES: Final = st.sampled_from(["customer", "vendor"])
NOTICE: Final = {"reason": "notice"}
BREACH: Final = {"reason": "breach", "note": "Unpaid."}
CONTRACT_ROWS: Final = """
SELECT contract_id, state, opened_on, starts_on, ends_on, last_billable_on FROM contracts WHERE customer_id = ANY($1)
"""
LINE_ROWS: Final = "SELECT * FROM contract_lines WHERE product_id = ANY($1)"
SERVICE_ROWS: Final = "SELECT *, least(ends_on, ended_on) AS last FROM activations WHERE product_id = ANY($1)"


class Life(Desk):
    """Deeds in any order; after each of them, all is as the model says."""

    @initialize(rules=st.sampled_from([SEAMLESS, ANEW]), start=st.sampled_from(STARTS), months=MONTHS)
    def begin(self, rules: Rules, start: date, months: int | None) -> None:
        self.rules, self.world = rules, World(rules, start, [None, None, None])
        self.call(self.room.database.pool.execute, "DELETE FROM timer")
        self.call(self.room.said)  # of another life, which failed: it is nothing to this one
        self.set_clock()
        for product, customer in enumerate((0, 0, 1)):
            self.register(product, customer)
        self.open({0, 1}, {0, 1}, months)

    @rule(products=st.sets(PRODUCTS, min_size=1), service=SERVICES, certificate=st.integers(0, 1))
    def redeem(self, products: set[int], service: int, certificate: int) -> None:
        reference, origin = list(self.rules.months)[service], ("certificate", certificate)
        ends = term_end(self.world.today, self.rules.months[reference])
        for product in sorted(products):
            customer, unit = self.world.owners[product], uuid4()
            if customer is None or self.world.running(product, reference):
                continue  # registration redeems no unit then
            ids = {"redemption_id": unit, "certificate_id": self.certificates[certificate]}
            told = {"customer_id": self.people[customer], "service_reference": reference}
            self.hear(CertificateRedeemed, product, **ids, **told)
            facts = self.facts()
            contract = self.joined(facts, self.world.joinable(origin, customer, ends))
            self.world.open(contract, origin, customer, ends)
            self.start(contract, facts, unit)

    @rule(products=st.sets(PRODUCTS, min_size=1), services=st.sets(SERVICES, min_size=1), months=MONTHS)
    def open(self, products: set[int], services: set[int], months: int | None) -> None:
        agreed = {"brand": self.rules.brand} | ({} if months is None else {"months": months})
        answer = self.post("/contracts", self.body(products, services) | agreed)
        if wrong := self.covered(products, services):
            return self.refused(answer, wrong)
        facts = self.facts()
        contract, customer = self.joined(facts, None), self.world.owners[min(products)]
        assert customer is not None
        last = term_end(self.world.today, months or max(list(self.rules.months.values())[one] for one in services))
        self.world.open(contract, (), customer, last)
        return self.start(contract, facts)

    @rule(which=ANY, product=PRODUCTS, service=SERVICES)
    def add(self, which: int, product: int, service: int) -> None:
        key = self.any_contract(which)
        contract = self.world.contracts[key]
        answer = self.post(f"/contracts/{key}/additions", self.body({product}, {service}))
        wrong = self.covered({product}, {service})
        wrong = wrong or (None if contract.runs(self.world.today) else "contract-not-running")
        other = self.world.owners[product] != contract.customer
        if wrong := wrong or ("contract-other-customer" if other else None):
            return self.refused(answer, wrong)
        facts = self.facts()
        assert self.joined(facts, key) == key
        return self.start(key, facts)

    @rule(which=ANY, months=MONTHS, offset=st.sampled_from([None, *OFFSETS]), in_time=st.booleans())
    def renew(self, which: int, months: int | None, offset: int | None, in_time: bool) -> None:
        key = self.any_contract(which)
        contract = self.world.contracts[key]
        if offset is not None and (day := contract.last + timedelta(days=offset)) > self.world.today:
            self.go_to(day, in_time)
        answer = self.post(f"/contracts/{key}/renewal", {} if months is None else {"months": months})
        term = self.world.renewal(contract, months)
        if isinstance(term, str):
            return self.refused(answer, term)
        assert answer.status_code == 200, answer.text
        anew = self.world.renew(contract, term)
        facts = self.facts()
        assert len(anew) == sum(isinstance(fact, ServiceActivated) for fact in facts)
        return self.start(key, facts)

    @precondition(lambda self: len(self.world.contracts) > 2)  # or most lives would be short
    @rule(which=ANY, by=PARTIES, breach=st.booleans())
    def terminate(self, which: int, by: str, breach: bool) -> None:
        key = self.any_contract(which)
        contract = self.world.contracts[key]
        deed = {"customer": "termination", "vendor": "vendor-termination"}[by]
        answer = self.post(f"/contracts/{key}/{deed}", BREACH if breach else NOTICE)
        last = self.world.termination(contract, by, breach)
        if isinstance(last, str):
            return self.refused(answer, last)
        assert answer.status_code == 200, answer.text
        self.world.terminate(contract, by, last)
        self.facts()
        return None

    @precondition(lambda self: any(one.live for one in self.world.contracts.values()))
    @rule(which=ANY, breach=st.booleans())
    def remove(self, which: int, breach: bool) -> None:
        live = [(key, line) for key, one in self.world.contracts.items() for line in one.live]
        key, line = live[which % len(live)]
        body = {**(BREACH if breach else NOTICE), "lines": [str(line)]}
        answer = self.post(f"/contracts/{key}/removals", body)
        last = self.world.removal(self.world.contracts[key], line, breach)
        if isinstance(last, str):
            return self.refused(answer, last)
        assert answer.status_code == 200, answer.text
        self.world.remove(line, last)
        self.facts()
        return None

    @rule(product=PRODUCTS, after_lease=st.sampled_from([False, False, False, True]))
    def transfer(self, product: int, after_lease: bool) -> None:
        seller = self.world.owners[product]
        if seller is None:
            return self.register(product, int(after_lease))
        last = months_after(self.world.today, 1)
        buyer = None if after_lease else 1 - seller
        units = [
            one.unit
            for one in self.world.services.values()
            if (one.product, one.customer, one.state) == (product, seller, "live") and one.unit
        ]
        whose = {"from_customer_id": self.people[seller], "kind": "lease_return" if buyer is None else "sale"}
        whose |= {} if buyer is None else {"to_customer_id": self.people[buyer]}
        days = {"transferred_on": self.world.today, "last_billable_on": last}
        self.hear(ProductTransferred, product, transfer_id=uuid4(), redemption_ids=units, **whose, **days)
        following, facts = self.world.transfer(product, buyer, last), self.facts()
        for key, former in following:
            assert buyer is not None
            origin, ends = ("follows", former), self.world.services[key].ends
            expected = self.world.joinable(origin, buyer, ends, self.world.following(key)[0])
            self.world.follow(key, self.joined(facts, expected), buyer)
        return None

    @precondition(lambda self: self.world.services)
    @rule(which=ANY, staff=st.booleans())
    def cancel(self, which: int, staff: bool) -> None:
        key, one = list(self.world.services.items())[which % len(self.world.services)]
        unit, product = one.unit, one.product
        if staff or unit is None:
            answer = self.post(f"/activations/{key}/cancellation", {})
            if one.state == "cancelled":
                return self.refused(answer, "activation-cancelled")
            assert answer.status_code == 200, answer.text
        else:
            told = {"redemption_id": unit, "certificate_id": self.certificates[0], "reason": "customer_request"}
            told |= {"customer_id": self.people[one.customer], "service_reference": one.reference}
            self.hear(RegistrationCancelled, product, **told)
            self.reader.services.pop(key, None)  # as whoever hears registration knows
        if one.state != "cancelled":
            one.state = "cancelled"
            self.world.take_out(key, None)
        self.facts()
        return None

    @rule(days=st.sampled_from([1, 2, 29, 60, 181, 365]), in_time=st.booleans())
    def let_days_pass(self, days: int, in_time: bool) -> None:
        self.go_to(self.world.today + timedelta(days=days), in_time)

    @rule(which=ANY, offset=st.sampled_from(OFFSETS), in_time=st.booleans())
    def go_near_an_end(self, which: int, offset: int, in_time: bool) -> None:
        day = self.world.contracts[self.any_contract(which)].last + timedelta(days=offset)
        self.go_to(max(day, self.world.today + ONE), in_time)

    @invariant()
    def contracts_and_services_are_the_models(self) -> None:
        agreed = {
            key: (one.state, one.opened, one.starts, one.ends, one.last_billable)
            for key, one in self.world.contracts.items()
        }
        assert {row[0]: tuple(row)[1:] for row in self.rows(CONTRACT_ROWS, self.people)} == agreed
        lines = {
            (key, service): (line.added, line.removed, line.cancelled)
            for key, one in self.world.contracts.items()
            for service, line in one.lines.items()
        }
        found = {
            (row["contract_id"], row["activation_id"]): (row["added_on"], row["removed_on"], row["cancelled"])
            for row in self.rows(LINE_ROWS, self.products)
        }
        assert found == lines
        services = {key: (one.contract, one.state == "cancelled", one.ends) for key, one in self.world.services.items()}
        for row in self.rows(SERVICE_ROWS, self.products):
            contract, cancelled, ends = services.pop(row["activation_id"])
            assert (row["contract_id"], row["state"] == "cancelled") == (contract, cancelled)
            assert cancelled or row["last"] == ends
        assert services == {}

    @invariant()
    def whoever_only_hears_the_facts_knows_the_same(self) -> None:
        services = {key: one.ends for key, one in self.world.services.items() if one.state != "cancelled"}
        assert self.reader.services == services
        contracts = self.world.contracts
        assert self.reader.terms == {key: (one.starts, one.ends) for key, one in contracts.items()}
        ending = {key: one.last_billable for key, one in contracts.items() if one.last_billable}
        assert self.reader.terminated == ending
        going_on = {key: set(one.live) for key, one in contracts.items() if key not in ending}
        assert {key: lines for key, lines in self.reader.lines.items() if key not in ending} == going_on

    @invariant()
    def all_that_goes_on_ends_with_its_contract_and_covers_once(self) -> None:
        for key, one in self.world.contracts.items():
            assert one.starts <= one.ends
            if key not in self.reader.terminated:
                assert {self.world.services[line].ends for line in one.live} <= {one.ends}
        running = [
            (one.product, one.reference)
            for one in self.world.services.values()
            if one.state != "cancelled" and one.ends >= self.world.today
        ]
        assert len(set(running)) == len(running)
        for key, service in self.world.services.items():  # and no day is charged twice, but where only the last is left
            under = [(one, one.lines[key]) for one in self.world.contracts.values() if key in one.lines]
            days = sorted(
                (one.added, min(one.removed or date.max, under.last)) for under, one in under if not one.cancelled
            )
            for (_, last), (first, _) in pairwise(days):
                assert last < first or first == service.ends
        assert all(one.starts <= one.ends for one in self.world.services.values())
