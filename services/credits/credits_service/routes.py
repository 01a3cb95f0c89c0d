"""Everything that credits hears."""

from typing import Final

from chassis.routes import on
from credits_service.ledger.handlers import settle_return
from event_schemas.tickets import ReturnAccepted

HEARS: Final = (on(ReturnAccepted, settle_return),)
