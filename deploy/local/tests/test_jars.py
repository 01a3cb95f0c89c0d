"""Kafka's files: only whole ones with the expected sum are ever used."""

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from aftercare_local import jars
from aftercare_local.jars import Jar
from aftercare_local.trouble import Trouble

CONTENT = b"a jar of nothing" * 4096


class Repository(BaseHTTPRequestHandler):
    """Serves every file whole, cut short, or changed, as the server is told."""

    def do_GET(self) -> None:
        body = self.server.body  # type: ignore[attr-defined]
        if self.path.endswith(".sha1"):
            body = hashlib.sha1(body, usedforsecurity=False).hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.server.breaks_off else body)  # type: ignore[attr-defined]

    do_HEAD = do_GET  # noqa: N815 - named by http.server

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(monkeypatch) -> Iterator[ThreadingHTTPServer]:
    wanted = [Jar(hashlib.sha256(CONTENT).hexdigest(), "org.example", name, "1.0") for name in ("one", "two", "three")]
    monkeypatch.setattr(jars, "listed", lambda: wanted)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    server.body, server.breaks_off = CONTENT, False
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(server: ThreadingHTTPServer, cache: Path, said: list[str] | None = None) -> str:
    say = (said if said is not None else []).append
    return jars.classpath(say, cache, {"test": f"http://127.0.0.1:{server.server_port}"})


def test_missing_files_are_fetched_with_progress_and_kept(repository, tmp_path) -> None:
    said: list[str] = []
    places = fetch(repository, tmp_path, said).split(":")
    assert [Path(place).read_bytes() for place in places] == [CONTENT] * 3
    assert said[-1] == "fetching Kafka: 3 of 3 files"
    repository.body = b"not asked again"
    assert fetch(repository, tmp_path).split(":") == places


def test_an_interrupted_download_is_told_and_leaves_no_half_file(repository, tmp_path) -> None:
    repository.breaks_off = True
    with pytest.raises(Trouble, match=r"broke off at .*run the command again"):
        fetch(repository, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    repository.breaks_off = False
    assert len(fetch(repository, tmp_path).split(":")) == 3


def test_a_file_with_another_sum_is_not_used(repository, tmp_path) -> None:
    repository.body = b"something else"
    with pytest.raises(Trouble, match="SHA-256"):
        fetch(repository, tmp_path)
    assert [path for path in tmp_path.rglob("*.jar") if path.is_file()] == []


def test_the_committed_list_names_coordinates_and_no_address() -> None:
    text = jars.SUMS.read_text()
    assert "://" not in text
    assert {len(jar.sha256) for jar in jars.listed()} == {64}
    assert any(jar.filename == "kafka_2.13-4.3.1.jar" for jar in jars.listed())
