"""A small stack for tests: a real PostgreSQL, a step that is done once, and two small servers that need them."""

import sys
from pathlib import Path

from aftercare_local.home import Home
from aftercare_local.ports import require_free
from aftercare_local.postgres import Postgres
from aftercare_local.probe import is_ready
from aftercare_local.program import Launch, Program
from aftercare_local.settings import LocalSettings

SERVER = """
import http.server, pathlib, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if pathlib.Path(sys.argv[2]).exists() else 200)
        self.end_headers()
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""

STEP = """
import pathlib, sys
if pathlib.Path("fail").exists():
    sys.exit("told to fail")
pathlib.Path("done").touch()
"""


class Small(Program):
    """An HTTP server that says ready unless a file named like it with `.unwell` exists."""

    def __init__(self, name: str, port: int, home: Home, after: tuple[str, ...]) -> None:
        self.name, self.port, self.after = name, port, after
        self.url = f"http://127.0.0.1:{port}"
        self._unwell = home.root / f"{name}.unwell"

    def check(self) -> None:
        require_free(self.port, self.name, f"AFTERCARE_{self.name.upper()}_PORT")

    def launch(self) -> Launch:
        return Launch((sys.executable, "-c", SERVER, str(self.port), str(self._unwell)))

    def ready(self) -> bool:
        return is_ready(self.port)


class Once(Program):
    """Leaves a file behind; fails when there is a file `fail`."""

    name = "once"
    once = True
    after = ("postgres",)

    def __init__(self, home: Home) -> None:
        self.place = home.root

    def launch(self) -> Launch:
        return Launch((sys.executable, "-c", STEP), cwd=Path(self.place))


def small_stack(home: Home, settings: LocalSettings) -> list[Program]:
    return [
        Small("second", settings.activation_port, home, ("first",)),
        Small("first", settings.registration_port, home, ("once",)),
        Once(home),
        Postgres(home.postgres, settings.postgres_port),
    ]
