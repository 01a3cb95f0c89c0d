"""The whole diet of registration on one screen."""

from typing import Final

from chassis.routes import at, on
from event_schemas.activation import (
    ActivationCancelled,
    ActivationRefused,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.activation_codes import CodePresented
from event_schemas.activation_offers import OfferPublished
from registration_service.dossiers.domain import DUE as DOSSIER_DUE
from registration_service.dossiers.handlers import end_waiting
from registration_service.offers.handlers import note_offer
from registration_service.products.services import give_unit_back
from registration_service.registrations.codes import redeem_code
from registration_service.transfers.handlers import TRANSFER_DUE, complete_transfer
from registration_service.warranty.handlers import (
    SERVICE_OVER,
    end_full_term,
    note_activation,
    note_cancellation,
    note_end,
    note_extension,
    note_operation,
)

HEARS: Final = (
    on(OfferPublished, note_offer),
    on(CodePresented, redeem_code),
    on(ActivationRefused, give_unit_back),
    on(ActivationCancelled, note_cancellation),
    on(ServiceActivated, note_activation),
    on(ServiceOperational, note_operation),
    on(ServiceExtended, note_extension),
    on(ServiceEnded, note_end),
)

ALARMS: Final = (
    at(TRANSFER_DUE, complete_transfer),
    at(DOSSIER_DUE, end_waiting),
    at(SERVICE_OVER, end_full_term),
)
