"""What a brand may say to this service (POL-01): the forms it offers and the calendar its days are counted in."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from chassis.policies import BrandPolicy, PolicyBook

Form = Literal["repair", "return"]


class Policy(BrandPolicy):
    """The rules of one brand for its tickets."""

    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    """Requests that can be opened for this brand (TKT-01)."""
    serial_required: Literal[True]
    """No request without a serial number (TKT-04); no brand may waive it, because every fact names the unit by it."""
    time_zone: ZoneInfo
    """Where the brand's day begins and ends; a day of cover counts to its end there, inclusive."""

    def day_of(self, moment: datetime) -> date:
        """The brand's calendar day of an aware moment."""
        return moment.astimezone(self.time_zone).date()


BOOK: Final = PolicyBook(Policy, "tickets_service")
policy_of = BOOK.of
