"""faust's offset book-keeping, mended: never commit past a message that is not acknowledged.

The stock tracker steps over one unacknowledged message at the head of a partition (faust issue 606) and counts a gap's
last record as acknowledged. With one sequential reader neither loses anything; this makes a mistake there harmless.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from faust.transport.drivers import aiokafka as driver


class SafeConsumer(driver.Consumer):
    """Commits only below the smallest offset that was read and is not acknowledged."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._open: defaultdict[Any, set[int]] = defaultdict(set)
        self._last: dict[Any, int] = {}

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:
        async for tp, message in super().getmany(timeout):
            position = self._read_offset[tp]
            # the same test as faust's own drain: do not track what it is going to drop
            if (position is None or message.offset >= position) and self.app.topics.acks_enabled_for(message.topic):
                self._open[tp].add(message.offset)
                self._last[tp] = max(self._last.get(tp, 0), message.offset)
            yield tp, message

    async def perform_seek(self) -> None:
        self._open.clear()
        self._last.clear()
        await super().perform_seek()

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._open.pop(tp, None)
            self._last.pop(tp, None)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """A gap needs no entry: what was never read is never open."""

    def _new_offset(self, tp: Any) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        still_open = self._open[tp]
        still_open.difference_update(acked)
        self._acked_index[tp].difference_update(acked)
        acked.clear()
        if tp not in self._last:
            return None
        new = min(still_open) if still_open else self._last[tp] + 1
        committed: int | None = self._committed_offset[tp]
        return new if committed is None or new > committed else None


def install() -> None:
    """Let every faust app of this process use the mended tracker; call it before the app starts."""
    driver.Transport.Consumer = SafeConsumer
