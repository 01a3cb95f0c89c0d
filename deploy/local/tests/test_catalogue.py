"""Nobody is let on before registration knows what is sold."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from aftercare_local.catalogue import await_catalogue
from aftercare_local.ports import free_port
from aftercare_local.trouble import Trouble

Sold = dict[str, list[str]]


@contextmanager
def registration(look: Callable[[int], Sold]) -> Iterator[int]:
    """A program that answers GET /brands with what `look` says at the n-th time; its port."""
    asked = [0]

    class Brands(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[0] += 1
            sold = look(asked[0]).items()
            items = [{"brand": brand, "services": [{"reference": one} for one in all_]} for brand, all_ in sold]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"items": items}).encode())

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Brands)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_it_waits_until_every_brand_sells_something_and_the_wanted_service_is_there() -> None:
    seen: list[int] = []

    def look(number: int) -> Sold:
        seen.append(number)
        return {"a": ["A1"] + ["A2"] * (number > 3), "b": ["B1"] if number > 2 else []}

    with registration(look) as port:
        await_catalogue(port, 30)
        assert len(seen) == 3
        await_catalogue(port, 30, "A2")
        assert len(seen) == 4


@pytest.mark.parametrize("sold", [{"a": ["A1"], "b": []}, {"a": ["A1"]}])
def test_a_catalogue_that_does_not_come_is_named_with_where_to_look(sold: Sold) -> None:
    with (
        registration(lambda _: sold) as port,
        pytest.raises(Trouble, match="aftercare logs activation"),
    ):
        await_catalogue(port, 0.3, "A2")
    with pytest.raises(Trouble, match="has not heard which services are sold"):
        await_catalogue(free_port(), 0.3)
