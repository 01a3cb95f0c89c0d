"""The whole diet of registration on one screen."""

from typing import Final

from chassis.routes import at, on
from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceEnded, ServiceOperational
from registration_service.dossiers.domain import DUE as DOSSIER_DUE
from registration_service.dossiers.handlers import end_waiting
from registration_service.products.handlers import give_unit_back
from registration_service.transfers.handlers import TRANSFER_DUE, complete_transfer
from registration_service.warranty.handlers import (
    SERVICE_OVER,
    end_full_term,
    note_activation,
    note_end,
    note_operation,
)

HEARS: Final = (
    on(ActivationRefused, give_unit_back),
    on(ServiceActivated, note_activation),
    on(ServiceOperational, note_operation),
    on(ServiceEnded, note_end),
)

ALARMS: Final = (
    at(TRANSFER_DUE, complete_transfer),
    at(DOSSIER_DUE, end_waiting),
    at(SERVICE_OVER, end_full_term),
)
