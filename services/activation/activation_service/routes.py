"""Everything that activation hears, and the timers it set."""

from typing import Final

from activation_service.activations.handlers import SETUP_OVER, announce_operational
from activation_service.codes.handlers import CODE_LAPSED, CODE_LAPSING, end_code, note_order, warn_of_lapse
from activation_service.contracts.deadlines import OVER, REMINDER, expire, remind
from activation_service.redemptions.handlers import (
    activate_service,
    follow_move,
    note_code_refusal,
    register_product,
    stop_activation,
    transfer_services,
)
from activation_service.software.lapsing import MAINTENANCE_OVER, lapse
from chassis.routes import all_at, at, on
from event_schemas.registration import (
    CertificateRedeemed,
    CodeRefused,
    OrderConfirmed,
    ProductRegistered,
    RegistrationCancelled,
)
from event_schemas.registration_cases import MoveExecuted, ProductTransferred

HEARS: Final = (
    on(OrderConfirmed, note_order),
    on(ProductRegistered, register_product),
    on(CertificateRedeemed, activate_service),
    on(CodeRefused, note_code_refusal),
    on(RegistrationCancelled, stop_activation),
    on(ProductTransferred, transfer_services),
    on(MoveExecuted, follow_move),
)

ALARMS: Final = (
    all_at(SETUP_OVER, announce_operational),
    at(CODE_LAPSING, warn_of_lapse),
    at(CODE_LAPSED, end_code),
    at(REMINDER, remind),
    at(OVER, expire),
    at(MAINTENANCE_OVER, lapse),
)
