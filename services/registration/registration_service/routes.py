"""The whole diet of registration on one screen."""

from typing import Final

from chassis.routes import on
from event_schemas.activation import ActivationRefused
from registration_service.products.handlers import give_unit_back

HEARS: Final = (on(ActivationRefused, give_unit_back),)
