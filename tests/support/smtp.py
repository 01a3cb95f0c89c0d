"""A mail server that takes, refuses, delays, hangs or is down, as a test wants; somebody else's program."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP, Envelope, Session

from aftercare_local.ports import free_port

GONE = "550 5.1.1 <{address}>: mailbox of {local} is not here"
BUSY = "451 4.3.0 try again later"


@dataclass(frozen=True)
class Arrival:
    """A mail as the server took it."""

    sender: str
    recipient: str
    message: EmailMessage

    def body(self, kind: str) -> str:
        """The `plain` or `html` body, decoded."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class Mailbox:
    """What arrived, and what the server does with what comes."""

    port: int = field(default_factory=free_port)
    arrivals: list[Arrival] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    """Addresses that are refused for good."""
    busy: list[str] = field(default_factory=list)
    """Addresses whose next mail is put off; an address that stands here twice is put off twice."""
    refuse_sender: str = ""
    """The answer to every sender, when there is one."""
    before_answer: Callable[[], Awaitable[None]] | None = None
    """What happens between the arrival of a mail and the answer."""
    connections: int = 0
    extended: bool = True
    """Takes addresses beyond ASCII."""
    _server: asyncio.Server | None = None

    def to(self, address: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.recipient == address]

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _connection(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="localhost", enable_SMTPUTF8=self.extended)

    async def handle_MAIL(  # noqa: N802 (named by aiosmtpd)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 sender taken"

    async def handle_RCPT(  # noqa: N802 (named by aiosmtpd)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.gone:
            return GONE.format(address=address, local=address.partition("@")[0])
        envelope.rcpt_tos.append(address)
        return "250 recipient taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (named by aiosmtpd)
        recipient, content = envelope.rcpt_tos[0], envelope.content
        assert isinstance(content, bytes)
        if recipient in self.busy:
            self.busy.remove(recipient)
            return BUSY
        message = BytesParser(policy=policy.default).parsebytes(content)
        assert isinstance(message, EmailMessage)
        self.arrivals.append(Arrival(str(envelope.mail_from), recipient, message))
        if self.before_answer is not None:
            await self.before_answer()
        return "250 taken"


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    """A server on a free port of 127.0.0.1, stopped at the end."""
    mailbox = Mailbox()
    await mailbox.start()
    try:
        yield mailbox
    finally:
        await mailbox.stop()
