"""Everything this service hears, on one screen."""

from typing import Final

from chassis.routes import on
from event_schemas.activation import (
    ActivationCancelled,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.activation_contracts import DisputeDecided
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred
from event_schemas.service_centre import RepairReported, ReturnAssessed, UnitReceived
from tickets_service.service_centre.handlers import finish_repair, receive_unit, settle_return
from tickets_service.tickets.revisions import revise_coverage

HEARS: Final = (
    on(ProductRegistered, revise_coverage),
    on(ProductTransferred, revise_coverage),
    on(RegistrationCancelled, revise_coverage),
    on(ServiceActivated, revise_coverage),
    on(ServiceOperational, revise_coverage),
    on(ServiceExtended, revise_coverage),
    on(ServiceEnded, revise_coverage),
    on(ActivationCancelled, revise_coverage),
    on(DisputeDecided, revise_coverage),
    on(UnitReceived, receive_unit),
    on(RepairReported, finish_repair),
    on(ReturnAssessed, settle_return),
)
