"""Uploads into a real process: bounded in memory and number, and nothing stays of what a client breaks off."""

import asyncio
import hashlib
import socket
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey
from tests.support.child import Child
from tests.support.rooms import Room
from tests.support.samples import PDF, picture
from tests.support.tokens import signed_token, write_keys
from tests.support.waiting import until

from chassis.http.uploads import MOST_UPLOADS
from chassis.media import MEBIBYTE


class Api:
    """The toy's API as a process, with raw connections to it."""

    def __init__(self, child: Child, room: Room, key: ECKey, scratch: Path) -> None:
        self.child, self.room, self.scratch = child, room, scratch
        self.base = f"http://127.0.0.1:{child.port}"
        self.token = signed_token(key, ["documents:read", "documents:write", "files:all"])

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex, **more}

    def begin(self, length: int, sent: bytes) -> socket.socket:
        """Announce a body of `length` bytes, send the first of them and go on holding the connection."""
        lines = [f"{name}: {value}" for name, value in self.headers().items()]
        head = "\r\n".join(["POST /documents?name=a.txt HTTP/1.1", "Host: x", f"Content-Length: {length}", *lines])
        connection = socket.create_connection(("127.0.0.1", self.child.port), timeout=10)
        connection.sendall(f"{head}\r\n\r\n".encode() + sent)
        return connection

    @property
    def scratch_files(self) -> list[str]:
        """What the process holds open in its scratch space, nameless files too, and what lies there."""
        assert self.child.pid is not None
        links = [link.readlink() for link in Path(f"/proc/{self.child.pid}/fd").iterdir() if link.is_symlink()]
        lying = [str(file) for file in self.scratch.rglob("*")]
        return [str(link) for link in links if str(link).startswith(str(self.scratch))] + lying

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process has had resident in its life."""
        lines = Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    async def receiving(self, number: int) -> None:
        """Returns when this many uploads are being written; each has two files."""

        async def counted() -> bool:
            return len(self.scratch_files) == 2 * number

        await until(counted, f"{number} uploads")


@pytest.fixture
async def client():
    async with httpx.AsyncClient(timeout=60) as client:
        yield client


@pytest.fixture
async def api(room, toy_process, tmp_path, client) -> Api:
    key = ECKey.generate_key("P-256", {"kid": "test"})
    write_keys(key, tmp_path / "keys.json")
    child = toy_process(room, "127.0.0.1:9", "api", TOKEN_KEYS=str(tmp_path / "keys.json"), DATABASE_CONNECTIONS="2")
    child.start()
    await child.ready(client)
    return Api(child, room, key, tmp_path / "data")


@pytest.mark.requirement("REG-16", "REG-19")
async def test_sixty_megabytes_go_in_and_out_and_the_process_grows_by_a_few(api, client):
    piece = b"serial;certificate;customer\r\n" * 2000
    kept = {}
    before = 0
    for count in (1, 60_000_000 // len(piece)):
        before = api.peak_bytes  # the first, small one only warms up

        async def pieces(number=count):
            for _ in range(number):
                yield piece

        kept = (await client.post(f"{api.base}/documents?name=a.csv", content=pieces(), headers=api.headers())).json()
    digest, size = hashlib.sha256(), 0
    async with client.stream("GET", f"{api.base}/documents/{kept['document_id']}", headers=api.headers()) as answer:
        async for got in answer.aiter_bytes():
            digest.update(got)
            size += len(got)
    assert (size, digest.hexdigest()) == (kept["size_bytes"], kept["sha256"])
    assert size > 59_000_000
    assert api.peak_bytes - before < 20 * MEBIBYTE


@pytest.mark.requirement("REG-16")
async def test_who_breaks_off_leaves_no_file_no_row_and_no_place_taken(api, client):
    for _ in range(2):
        broken = [api.begin(1_000_000, b"x" * 300_000) for _ in range(MOST_UPLOADS)]
        await api.receiving(MOST_UPLOADS)
        for connection in broken:
            connection.close()
        await api.receiving(0)
    assert await api.room.database.pool.fetchval("SELECT count(*) FROM document") == 0
    assert (await client.post(f"{api.base}/documents?name=a", content=PDF, headers=api.headers())).status_code == 201
    assert "bug" not in api.child.log.read_text()


@pytest.mark.requirement("REG-16", "ALL-01")
async def test_beyond_eight_uploads_at_once_the_next_is_told_when_to_come_back(api, client):
    slow = [api.begin(100_000, b"x" * 99_999) for _ in range(MOST_UPLOADS)]
    await api.receiving(MOST_UPLOADS)
    refused = await client.post(f"{api.base}/documents?name=a", content=PDF, headers=api.headers())
    assert (refused.status_code, refused.json()["code"]) == (503, "try-again-later")
    assert refused.headers["Retry-After"] == "5"
    # they hold no connection of the database, of which this process has two
    assert (await client.get(f"{api.base}/readyz")).status_code == 200
    assert (await client.get(f"{api.base}/documents/{uuid4()}", headers=api.headers())).status_code == 404
    for connection in slow:
        connection.sendall(b"x")
        assert (await asyncio.to_thread(connection.recv, 12)) == b"HTTP/1.1 201"
        connection.close()
    assert (await client.post(f"{api.base}/documents?name=a", content=PDF, headers=api.headers())).status_code == 201
    await api.receiving(0)


@pytest.mark.requirement("REG-16")
async def test_eight_large_pictures_at_once_are_unpacked_one_after_the_other(api, client):
    before = api.peak_bytes
    content = picture("JPEG", (7000, 7000))
    posts = [client.post(f"{api.base}/documents?name=a", content=content, headers=api.headers()) for _ in range(8)]
    assert [answer.status_code for answer in await asyncio.gather(*posts)] == [201] * 8
    assert 150 * MEBIBYTE < api.peak_bytes - before < 300 * MEBIBYTE
