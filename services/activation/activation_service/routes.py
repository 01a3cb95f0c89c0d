"""Everything that activation hears, and the timers it set."""

from typing import Final

from activation_service.activations.handlers import (
    SETUP_OVER,
    activate_service,
    announce_operational,
    stop_activation,
    transfer_services,
)
from chassis.routes import at, on
from event_schemas.registration import CertificateRedeemed, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred

HEARS: Final = (
    on(CertificateRedeemed, activate_service),
    on(RegistrationCancelled, stop_activation),
    on(ProductTransferred, transfer_services),
)

ALARMS: Final = (at(SETUP_OVER, announce_operational),)
