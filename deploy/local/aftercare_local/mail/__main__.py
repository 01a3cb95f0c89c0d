"""`python -m aftercare_local.mail DIRECTORY SMTP_PORT WEB_PORT`: both sides in one process, until SIGTERM."""

import asyncio
import sys
from pathlib import Path

import uvicorn

from aftercare_local.mail.smtp import smtp_server
from aftercare_local.mail.store import MailStore
from aftercare_local.mail.web import web_app


async def serve(directory: Path, smtp_port: int, web_port: int) -> None:
    """Listen on 127.0.0.1; returns after SIGTERM."""
    store = MailStore(directory)
    listening = await asyncio.get_running_loop().create_server(lambda: smtp_server(store), "127.0.0.1", smtp_port)
    web = uvicorn.Server(uvicorn.Config(web_app(store), "127.0.0.1", web_port, log_level="warning", lifespan="off"))
    async with listening:
        await web.serve()


if __name__ == "__main__":
    directory, smtp_port, web_port = sys.argv[1:]
    asyncio.run(serve(Path(directory), int(smtp_port), int(web_port)))
