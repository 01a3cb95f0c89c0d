"""A closed-loop HTTP client that costs little: keep-alive connections, requests as bytes, answers read to their end."""

import asyncio
import time
from typing import Final
from uuid import uuid4

CONNECTIONS: Final = 16


async def hammer(port: int, path: str, token: str, body: bytes, seconds: float) -> tuple[int, float]:
    """Post on CONNECTIONS connections for so long; returns how many were accepted and seconds."""
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    counts = await asyncio.gather(*(_line(port, path, token, body, until) for _ in range(CONNECTIONS)))
    return sum(counts), time.perf_counter() - started


async def _line(port: int, path: str, token: str, body: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    try:
        while time.perf_counter() < until:
            await _post(reader, writer, path, token, body)
            done += 1
    finally:
        writer.close()
    return done


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str, body: bytes) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {uuid4()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    said = await reader.readexactly(length)
    if not answer.startswith(b"HTTP/1.1 201"):
        raise RuntimeError(f"{answer.split(maxsplit=2)[1].decode()}: {said.decode()[:300]}")
