"""Keeps hits and misses equally long (REG-23)."""

import asyncio
from typing import Final

FLOOR_SECONDS: Final = 0.15
"""An answer leaves this long after its request, or a multiple of it, however fast it was found."""


async def hold_back(since: float) -> None:
    """Return at the next full FLOOR_SECONDS after `since`, a time of the event loop."""
    elapsed = asyncio.get_running_loop().time() - since
    await asyncio.sleep(FLOOR_SECONDS - elapsed % FLOOR_SECONDS)
