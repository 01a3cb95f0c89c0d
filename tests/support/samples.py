"""Files as people send them, good and bad, and the way they are sent."""

import io
import struct
import zlib
from collections.abc import AsyncIterable, Sequence
from typing import Any, Final
from uuid import uuid4

import httpx
from PIL import Image
from tests.support.rooms import Room

PDF: Final = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
CSV: Final = "serial;company\r\n9H0123456X;Électro Brûlé\r\n"
GPS: Final = b"50.8503N 4.3517E"
_DESCRIPTION, _ORIENTATION = 0x010E, 0x0112


def picture(form: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: Any) -> bytes:
    """A picture in Pillow's name of a format; its left half is red, the other blue."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    drawn.convert(mode).save(out, form, **more)
    return out.getvalue()


def photo(orientation: int = 1) -> bytes:
    """What a telephone makes: place, comment, how it was held; and something hidden behind the picture."""
    exif = Image.Exif()
    exif[_DESCRIPTION], exif[_ORIENTATION] = GPS.decode(), orientation
    return picture("JPEG", exif=exif, comment=b"taken by me", quality=95) + b"<script>alert(1)</script>"


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A small PNG that says it is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def many_scans(times: int) -> bytes:
    """A progressive JPEG whose last scan is said so many times."""
    whole = picture("JPEG", (400, 400), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + whole[-2:]


async def upload(
    room: Room,
    content: bytes | AsyncIterable[bytes],
    name: str = "file.pdf",
    *,
    key: str | None = None,
    language: str = "en",
    scopes: Sequence[str] | None = None,
    **claims: str,
) -> httpx.Response:
    """Send a file as a person with these scopes (all of them unless some are named) and claims."""
    headers = {**room._headers(scopes, language, claims, None), "Idempotency-Key": key or str(uuid4())}
    return await room.client.post("/documents", params={"name": name}, content=content, headers=headers)
