"""Everything that activation hears, and the timers it set."""

from typing import Final

from activation_service.activations.handlers import SETUP_OVER, activate_service, announce_operational, stop_activation
from chassis.routes import at, on
from event_schemas.registration import CertificateRedeemed, RegistrationCancelled

HEARS: Final = (
    on(CertificateRedeemed, activate_service),
    on(RegistrationCancelled, stop_activation),
)

ALARMS: Final = (at(SETUP_OVER, announce_operational),)
