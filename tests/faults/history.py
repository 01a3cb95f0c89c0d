"""What the driver wanted, said and was told: one JSON line each, on disk before the next step."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class History:
    """A file that only grows; every line survives the end of the driver."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._out = file.open("a", encoding="utf-8")

    def note(self, what: str, **told: Any) -> None:
        """Add a line and wait until it is on disk."""
        line = {"what": what, "at": datetime.now(UTC).isoformat(), **told}
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())

    def close(self) -> None:
        self._out.close()
