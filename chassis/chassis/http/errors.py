"""The one exception with which HTTP code says no; it carries the same refusal as a command's decision."""

from collections.abc import Mapping

from chassis.transact import Refusal


class ProblemError(Exception):
    """Becomes a problem+json answer."""

    def __init__(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal, self.headers = refusal, headers
