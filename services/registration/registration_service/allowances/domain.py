"""What a request without a token costs, and how much one address may spend (REG-01, REG-05, REG-10, REG-23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

from registration_service.settings import RegistrationSettings

Purpose = Literal[
    "sign-up",
    "resend",
    "verification",
    "sign-in",
    "refresh",
    "password-reset",
    "registration-form",
    "warranty-check",
]
"""Each has a budget of its own: who guesses passwords can still be shown a form."""
MINUTE: Final = 60
HOUR: Final = 3600
GOOD_UNITS: Final = 1
FAILED_UNITS: Final = 5
"""A request that finds or opens nothing costs as much as five that do: guessing is dear, asking is cheap."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Units in a window, of one address and of all together; so many may also be spent at once."""

    own: int
    window_seconds: int
    everybody: int | None = None
    """None where all together have no limit: whoever could use it up would shut out everybody."""

    def seconds_for(self, units: float, of: int | None = None) -> int:
        """How long the address's budget, or one of so many units, takes to bring some; whole, and at least one."""
        return max(1, ceil(units * self.window_seconds / (of or self.own)))

    def told(self, left: float) -> dict[str, str]:
        """The headers of the IETF's draft on rate limits: the budget, what is left, when all of it is back."""
        return {
            "RateLimit-Policy": f'"address";q={self.own};w={self.window_seconds}',
            "RateLimit": f'"address";r={max(0, int(left))};t={self.seconds_for(self.own - left)}',
        }


def budgets_of(settings: RegistrationSettings) -> Mapping[Purpose, Budget]:
    """The budgets that the environment sets; what sends mails is counted by the hour."""
    return {
        "sign-up": Budget(settings.sign_ups_each, HOUR),
        "resend": Budget(settings.resends_each, HOUR),
        "verification": Budget(settings.verifications_each, MINUTE),
        "sign-in": Budget(settings.sign_ins_each, MINUTE),
        "refresh": Budget(settings.refreshes_each, MINUTE),
        "password-reset": Budget(settings.password_resets_each, HOUR),
        "registration-form": Budget(settings.registration_forms_each, MINUTE),
        "warranty-check": Budget(settings.warranty_checks_each, MINUTE, settings.warranty_checks_in_all),
    }


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to ask once, paid for as if it failed; what is good gets the difference back."""

    purpose: Purpose
    holder: bytes
    budget: Budget
    units: float
    """What the address has left."""

    @staticmethod
    def refund(*, good: bool) -> int:
        """Units to give back once it is known what the request was worth."""
        return FAILED_UNITS - GOOD_UNITS if good else 0


@dataclass(frozen=True, slots=True)
class Short:
    """No leave to ask."""

    retry_after_seconds: int
    units: float
    """What the address itself has left."""
