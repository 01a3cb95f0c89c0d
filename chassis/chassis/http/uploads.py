"""A file on its way in: its place, to scratch disk while it is counted, then what it is (REG-16, TKT-05)."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from chassis import media
from chassis.caller import FILES_ALL, Caller
from chassis.http.context import BodyTooLarge
from chassis.http.errors import ProblemError
from chassis.transact import Refusal

BODY: Final = "/body"
MOST_UPLOADS: Final = 8
"""At once in this process; together they take at most half a gibibyte of the scratch space."""
MOST_UPLOADS_EACH: Final = 2
"""Of one caller at once in this process; our own servers, which speak for many, take what is free."""
LONGEST_SECONDS: Final = 600
"""For the whole body: a client that trickles does not keep its place for ever."""
UPLOADS: Final = Counter[str]()
"""Those in progress, by subject."""
_ONE_IMAGE: Final = ThreadPoolExecutor(1, "image")  # unpacked, each may take 400 MB


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it will be kept."""

    file: BinaryIO
    media_type: str
    sha256: bytes


@contextmanager
def place_of(caller: Caller) -> Iterator[None]:
    """A place for one upload while it lasts. Raises ProblemError."""
    full = UPLOADS[caller.subject] >= MOST_UPLOADS_EACH and FILES_ALL not in caller.scopes
    if full or UPLOADS.total() >= MOST_UPLOADS:
        raise ProblemError(Refusal("try-again-later", 503), {"Retry-After": "5"})
    UPLOADS[caller.subject] += 1
    try:
        yield
    finally:
        UPLOADS[caller.subject] -= 1
        if not UPLOADS[caller.subject]:
            del UPLOADS[caller.subject]


async def received(request: Request, file: BinaryIO) -> bytes:
    """Stream the body into the file; the SHA-256 of it. Raises ProblemError."""
    request.state.body_limit = media.LONGEST_TEXT
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            digest = await _streamed(request, file)
    except BodyTooLarge:
        raise ProblemError(Refusal("document-too-large", 413, BODY, None, request.state.body_limit)) from None
    except TimeoutError:
        raise ProblemError(Refusal("document-too-slow", 408, BODY, None, LONGEST_SECONDS)) from None
    except ClientDisconnect:  # nobody hears this
        raise ProblemError(Refusal("not-readable", 400)) from None
    if not file.tell():
        raise ProblemError(Refusal("document-empty", 422, BODY))
    return digest


async def _streamed(request: Request, file: BinaryIO) -> bytes:
    digest, head = hashlib.sha256(), b""
    async for piece in request.stream():
        if len(head) < media.HEAD_BYTES:
            head += piece[: media.HEAD_BYTES]
            request.state.body_limit = media.longest(head)
        digest.update(piece)
        await asyncio.to_thread(file.write, piece)
    # what came all in one piece was counted before its type was known
    if file.tell() > request.state.body_limit:
        raise BodyTooLarge
    return digest.digest()


async def acceptable(sent: BinaryIO, name: str, sha256: bytes, redrawn: BinaryIO) -> Upload:
    """What is to be kept of a file that has arrived, a picture drawn into `redrawn`. Raises ProblemError."""
    found = await asyncio.to_thread(media.type_of, sent, name)
    if found not in media.EXTENSIONS:
        raise ProblemError(Refusal("document-type-not-accepted", 415, BODY, found, list(media.EXTENSIONS)))
    if found in media.IMAGES:
        return Upload(redrawn, found, await _redraw(sent, found, redrawn))
    return Upload(sent, found, sha256)


async def _redraw(image: BinaryIO, media_type: str, into: BinaryIO) -> bytes:
    """Write the picture anew; the SHA-256 of what was written. Raises ProblemError."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_ONE_IMAGE, _redrawn, image, media_type, into)
    except media.TooManyPixels:
        raise ProblemError(Refusal("document-too-many-pixels", 413, BODY, None, media.IMAGES[media_type][1])) from None
    except media.BrokenImage:
        raise ProblemError(Refusal("document-broken", 422, BODY, media_type)) from None


def _redrawn(image: BinaryIO, media_type: str, into: BinaryIO) -> bytes:
    media.redraw(image, media_type, into)
    into.seek(0)
    return hashlib.sha256(into.read()).digest()
