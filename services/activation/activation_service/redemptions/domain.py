"""What registration tells of a unit's later life: it changes hands, or its product moves away (REG-17, REG-18)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from activation_service.activations.domain import Activation
from activation_service.policy import Offer
from event_schemas.registration_cases import MoveExecuted, ProductTransferred


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a change of hands means for a service."""

    transfer_id: UUID
    fact: UUID | None
    """Id of the fact that told of it; greater ones were said later."""
    from_customer_id: UUID | None
    """Whose the service is until then; None in rows of before that was kept."""
    to_customer_id: UUID | None
    """None when the product is back from a lease: nobody uses it."""
    to_owner: str
    to_organisation_id: UUID | None
    last_billable_on: date
    """Last day charged to the former customer, inclusive."""

    def ends(self, offer: Offer | None) -> bool:
        """Whether the service ends; one that the brand does not sell any more goes with its product (REG-17)."""
        return self.to_customer_id is None or (offer is not None and offer.transfer == "ends")

    def is_next(self, service: Activation, sold: UUID | None) -> bool:
        """Whether the service is the seller's; else an earlier change of hands is still to be heard of.

        What was said before `sold`, its last sale, has been overtaken: another hand than its buyer's passed it on.
        """
        overtaken = sold is not None and self.fact is not None and self.fact < sold
        return not overtaken and self.from_customer_id in (None, service.customer_id)


@dataclass(frozen=True, slots=True)
class Move:
    """A product stands in another country from a day on."""

    move_id: UUID
    fact: UUID
    """Id of the fact that told of it: units that were redeemed before have smaller ones."""
    customer_id: UUID
    """Whose the product was then."""
    to_country: str
    executed_on: date

    def is_next(self, service: Activation, sold: UUID | None) -> bool:
        """Whether the service is the mover's, or will not be: it ends anyway, or `sold`, its last sale, came later.

        Else a change of hands is still to be heard of.
        """
        return not service.is_live or service.customer_id == self.customer_id or (sold is not None and sold > self.fact)

    def ends(self, offer: Offer | None) -> bool:
        """Whether the service is not given in that country (REG-18)."""
        return offer is not None and offer.countries is not None and self.to_country not in offer.countries


def transfer_told(event: ProductTransferred, fact: UUID) -> Transfer:
    """The part of the fact that counts here."""
    return Transfer(
        transfer_id=event.transfer_id,
        fact=fact,
        from_customer_id=event.from_customer_id,
        to_customer_id=event.to_customer_id,
        to_owner=event.registered_by or "",
        to_organisation_id=event.organisation_id,
        last_billable_on=event.last_billable_on,
    )


def move_told(event: MoveExecuted, fact: UUID) -> Move:
    """The part of the fact that counts here."""
    return Move(event.move_id, fact, event.customer_id, event.to_country, event.executed_on)
