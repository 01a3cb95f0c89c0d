#!/usr/bin/env python3
"""The mail sink of the stack without containers, listening on every address of its own."""

import asyncio
from pathlib import Path
from typing import Final

import uvicorn

from aftercare_local.mail.smtp import smtp_server
from aftercare_local.mail.store import MailStore
from aftercare_local.mail.web import web_app

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - the compose file decides who reaches the container


async def serve(directory: Path, smtp_port: int, web_port: int) -> None:
    """Take mail until SIGTERM."""
    store = MailStore(directory)
    listening = await asyncio.get_running_loop().create_server(lambda: smtp_server(store), EVERYWHERE, smtp_port)
    async with listening:
        await uvicorn.Server(uvicorn.Config(web_app(store), EVERYWHERE, web_port, log_level="warning")).serve()


asyncio.run(serve(Path("/mails"), 8025, 8026))
