"""What must hold after every fault: each function names the counter-examples to one promise (ALL-02).

Pure: everything comes from `Observed`, nothing from the services' code.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from tests.faults.observed import Address, Base, Dead, Observed, Wire
from tests.faults.story import AFTER, LEADS_TO, OF_ITSELF, ONCE, SAYS

Promise = Callable[[Observed], Iterator[str]]
MAILER: Final = "notifications"
PATIENCE: Final = timedelta(seconds=2)
"""How late a timer may be; the services look five times a second."""


def accepted_without_event(seen: Observed) -> Iterator[str]:
    """Every accepted command has said everything that follows from it."""
    said = {(wire.name, field, str(value)) for wire in seen.events for field, value in wire.fields()}
    for command in seen.commands:
        for name, field, answered in SAYS[command.path] if command.accepted else ():
            if (name, field, command.told(answered)) not in said:
                yield f"{command}: no {name} with {field} {command.told(answered)}"


def events_from_nothing(seen: Observed) -> Iterator[str]:
    """Every event has a story that somebody began and a cause, every effect an event."""
    stories = {line["correlation"] for line in seen.history if line["what"] in ("intent", "saying")}
    ids = {wire.id for wire in seen.wires}
    for wire in seen.events:
        if wire.correlation not in stories and wire.name not in OF_ITSELF:
            yield f"{wire}: nobody began the story {wire.correlation}"
        elif wire.cause not in ids:
            yield f"{wire}: its cause {wire.cause} is on no topic"
    for base in seen.bases.values():
        yield from (f"{base.service} applied {one}, which is on no topic" for one in base.inbox if one not in ids)
    yield from _untold(seen)


def _untold(seen: Observed) -> Iterator[str]:
    """Events with an id that no caller was given: said by a transaction that was rolled back."""
    undecided = {command.correlation for command in seen.commands if command.final is None}
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for command in seen.commands:
        for name, field, answered in SAYS[command.path]:
            if name != "contact.changed":  # also said when a person's name changes under the same id
                told[name, field] |= {command.told(answered)} if command.accepted else set()
    for wire in seen.events:
        for field, value in wire.fields():
            if wire.correlation not in undecided and str(value) not in told.get((wire.name, field), {str(value)}):
                yield f"{wire}: no caller was ever told of {field} {value}"


def events_of_refused(seen: Observed) -> Iterator[str]:
    """A refused command has said nothing."""
    refused = {one.correlation: one for one in seen.commands if one.final and not one.accepted}
    return (f"{wire} of {refused[wire.correlation]}" for wire in seen.events if wire.correlation in refused)


def unanswered(seen: Observed) -> Iterator[str]:
    """Every command got its answer in the end."""
    return (str(command) for command in seen.commands if command.final is None)


def answers_differ(seen: Observed) -> Iterator[str]:
    """The same key gave the same answer, however often it was asked."""
    for command in seen.commands:
        good = [answer["body"] for answer in command.answers if answer["status"] < 300]
        if any(body != good[0] for body in good) or (good and not command.accepted):
            yield f"{command}: {len(good)} answers that are not one"


def unsent(seen: Observed) -> Iterator[str]:
    """Whatever was committed to be said was sent."""
    for base in seen.bases.values():
        for row in base.outbox:
            yield f"{base.service}: outbox {row['id']} for {row['topic']}, event {row['event_id']}"


def without_effect(seen: Observed) -> Iterator[str]:
    """Every service has taken, or set aside, every event that it hears; and the fact that must follow has followed."""
    for base in seen.bases.values():
        dead = {one.id for one in base.dead}
        for wire in seen.events:
            heard = wire.type in seen.subscribers[wire.topic].get(base.service, ())
            if heard and wire.id not in base.inbox and wire.id not in dead:
                yield f"{wire}: {base.service} never took it"
    for name, (service, field, answers) in LEADS_TO.items():
        given = {str(wire.value[field]) for wire in seen.events if wire.name in answers}
        set_aside = {one.id for one in seen.bases[service].dead} if service in seen.bases else set()
        for wire in seen.events if service in seen.bases else ():
            if wire.name == name and str(wire.value[field]) not in given and wire.id not in set_aside:
                yield f"{wire}: no {' or '.join(answers)} followed"
    if MAILER in seen.bases:
        yield from _not_mailed(seen, seen.bases[MAILER])


def _not_mailed(seen: Observed, mailer: Base) -> Iterator[str]:
    """Whatever the mailer hears becomes one mail, but for addresses, and for what the mail of another fact tells."""
    told = {str(wire.value["caused_by"]) for wire in seen.named("notification.sent", "notification.failed")}
    told |= {one.id for one in mailer.dead}
    unmailed = {*OF_ITSELF, "contact.changed"}
    for wire in seen.events:
        heard = wire.type in seen.subscribers[wire.topic].get(MAILER, ()) and wire.name not in unmailed
        if heard and wire.id not in told and not _told_by_another(wire):
            yield f"{wire}: nobody was written to"


def _told_by_another(wire: Wire) -> bool:
    """A refusal tells of its cancellation, a service of the contract that its certificate opened."""
    by_certificate = wire.name in ("contract.opened", "contract.changed") and not wire.value.get("agreed")
    return by_certificate or wire.value.get("reason") in ("activation_refused", "no_lines")


def doubled(seen: Observed) -> Iterator[str]:
    """Nothing took effect twice: no event applied again, no fact said again under another id."""
    for base in seen.bases.values():
        yield from (f"{base.service} applied {one} {times} times" for one, times in base.inbox.items() if times > 1)
    once: dict[tuple[object, ...], list[Wire]] = defaultdict(list)
    for wire in seen.events:
        if wire.name in ONCE:
            once[wire.name, *(str(wire.value[field]) for field in ONCE[wire.name])].append(wire)
        if wire.cause != wire.id:
            once["one cause", wire.cause, wire.type, wire.headers.get("ce_source"), wire.key].append(wire)
    for what, wires in once.items():
        if len(wires) > 1:
            yield f"{len(wires)} times {what}: {', '.join(wire.id for wire in wires)}"


def ledger_wrong(seen: Observed) -> Iterator[str]:
    """Units taken never exceed those bought, and the ledger, its balance and the events tell the same (REG-09)."""
    bought = {str(wire.value["certificate_id"]): int(wire.value["quantity"]) for wire in seen.named("order.confirmed")}
    taken = Counter(str(wire.value["certificate_id"]) for wire in seen.named("certificate.redeemed"))
    given_back = Counter(str(wire.value["certificate_id"]) for wire in seen.named("registration.cancelled"))
    for certificate, times in taken.items():
        if times - given_back[certificate] > bought.get(certificate, 0):
            yield f"{certificate}: {times} taken, {given_back[certificate]} back, {bought.get(certificate)} bought"
    for row in (line for base in seen.bases.values() for line in base.ledger):
        certificate = row["certificate_id"]
        if row["quantity"] + row["change"] != row["units_left"] or row["units_left"] < 0:
            yield f"certificate {certificate}: {row['quantity']} {row['change']:+} is not {row['units_left']}"
        if row["taken"] != taken[certificate]:
            yield f"certificate {certificate}: {row['taken']} entries, {taken[certificate]} events"


def out_of_order(seen: Observed) -> Iterator[str]:
    """Under one key facts arrive in the order in which they were said, and none before its condition."""
    stories: dict[tuple[str, str], list[Wire]] = defaultdict(list)
    for wire in seen.events:
        stories[wire.topic, wire.key].append(wire)
    for story in stories.values():
        before: set[str] = set()
        latest: datetime | None = None
        for wire in story:
            if len({one.address[1] for one in story}) > 1:
                yield f"{wire}: its key is on several partitions"
            if wire.name in AFTER and AFTER[wire.name] not in before:
                yield f"{wire}: before its {AFTER[wire.name]}"
            if wire.id[14:15] == "7":  # a UUIDv7 carries the real time at which it was made
                if latest and wire.made_at < latest:
                    yield f"{wire}: said at {wire.made_at}, after one of {latest}"
                latest = max(latest or wire.made_at, wire.made_at)
            before.add(wire.name)


def early_timers(seen: Observed) -> Iterator[str]:
    """ServiceOperational is never said before its time, by its publisher's clock or by the driver's (ACT-07)."""
    for wire in seen.named("service.operational"):
        due = datetime.fromisoformat(wire.value["operational_at"])
        if wire.said_at < due:
            yield f"{wire}: said at {wire.said_at}, due at {due}"
        elif wire.made_at + seen.offset_near(wire.made_at) < due:
            yield f"{wire}: made at {wire.made_at} real time, due at {due}"


def late_timers(seen: Observed) -> Iterator[str]:
    """Whatever is due was said, and no due timer is left (ACT-07)."""
    done = {str(wire.value["activation_id"]) for wire in seen.named("service.operational")}
    void = {str(wire.value["redemption_id"]) for wire in seen.named("registration.cancelled")}
    for wire in seen.named("service.activated") if "activation" in seen.bases else ():
        due = datetime.fromisoformat(wire.value["operational_at"]) < seen.now - PATIENCE
        if due and str(wire.value["activation_id"]) not in done and str(wire.value["redemption_id"]) not in void:
            yield f"{wire}: due at {wire.value['operational_at']}, still not operational at {seen.now}"
    for base in seen.bases.values():
        for row in base.timers:
            if row["due_at"] < seen.now - PATIENCE:
                yield f"{base.service}: {row['kind']} of {row['subject']} due at {row['due_at']}: {row['last_error']}"


def poison_lost(seen: Observed) -> Iterator[str]:
    """Each poisonous message is set aside once by each service that hears it, with a copy on that service's topic."""
    for address, consumers in seen.poison.items():
        for base in (seen.bases[name] for name in consumers if name in seen.bases):
            times = sum(one.address == address for one in base.dead)
            if times != 1:
                yield f"{'/'.join(map(str, address))}: set aside {times} times by {base.service}"
    copies = {(wire.topic, _origin(wire)) for wire in seen.wires if wire.topic.endswith("-dlq")}
    for base in seen.bases.values():
        for one in base.dead:
            if (f"{base.service}-dlq", one.address[1:]) not in {(topic, place[1:]) for topic, place in copies}:
                yield f"{base.service}: {one} has no copy on {base.service}-dlq"


def _origin(wire: Wire) -> Address:
    told = wire.headers
    return (told.get("dlq_topic", ""), int(told.get("dlq_partition", -1)), int(told.get("dlq_offset", -1)))


def dead_letters_unaccounted(seen: Observed) -> Iterator[str]:
    """Only poison is set aside, and what follows it under the same key."""
    for base in seen.bases.values():
        yield from (f"{base.service}: {one}" for one in base.dead if not _accounted(one, base, seen))


def _accounted(one: Dead, base: Base, seen: Observed) -> bool:
    if base.service in seen.poison.get(one.address, ()):
        return True
    before = base.dead[: base.dead.index(one)]
    return one.error_class == "WaitsBehind" and any(
        other.address[0] == one.address[0] and other.key == one.key for other in before
    )


def personal_data_in_public(seen: Observed) -> Iterator[str]:
    """No address and no certificate number leaves the private topics (ALL-05)."""
    bodies = [command.body for command in seen.commands]
    people = {body[who]["email"] for body in bodies for who in ("buyer", "customer") if who in body}
    secrets = people | {str(wire.value["certificate_number"]) for wire in seen.named("certificate.issued")}
    for wire in seen.wires:
        if wire.topic not in seen.private:
            yield from (f"{wire} contains {one}" for one in secrets if one in wire.text)


PROMISES: Final[tuple[Promise, ...]] = (
    accepted_without_event,
    events_from_nothing,
    events_of_refused,
    unanswered,
    answers_differ,
    unsent,
    without_effect,
    doubled,
    ledger_wrong,
    out_of_order,
    early_timers,
    late_timers,
    poison_lost,
    dead_letters_unaccounted,
    personal_data_in_public,
)
