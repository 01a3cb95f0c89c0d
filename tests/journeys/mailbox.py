"""What somebody finds in their mailbox, and what they do with it: read the code, follow the link, open the file."""

import re
from dataclasses import dataclass
from typing import Any

from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.mail.store import MailStore

CODE = re.compile(r"^ +([0-9]{6})\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Mailbox:
    """One address on the stack's mail server."""

    stack: Stack
    address: str

    async def mails(self) -> list[dict[str, Any]]:
        """What has arrived so far, oldest first."""
        url = f"http://127.0.0.1:{self.stack.mail_port}/api/mails"
        return list((await self.stack.client.get(url, params={"to": self.address})).json()["items"])

    async def mail(self, subject: str, text: str = "") -> dict[str, Any]:
        """The mail that has these words in its subject and its text, as soon as it is there."""

        async def arrived() -> list[dict[str, Any]]:
            return [mail for mail in await self.mails() if subject in mail["subject"] and text in mail["text"]]

        return (await until(arrived, f"the mail “{subject}” to {self.address}"))[0]

    async def code(self, subject: str) -> str:
        """The code in that mail."""
        text = (await self.mail(subject))["text"]
        found = CODE.search(text)
        assert found, text
        return found.group(1)

    async def link(self, subject: str, path: str) -> str:
        """Path and query of the link below `path` in a mail with that subject, which has it as text and as button."""
        mail = await self.mail(subject, path)
        links = set(re.findall(rf"http://127\.0\.0\.1:8101({re.escape(path)}\S*)", mail["text"]))
        assert len(links) == 1, mail["text"]
        [link] = links
        assert f'href="http://127.0.0.1:8101{link}"' in mail["html"]
        return str(link)

    async def certificate(self, case_number: str) -> str:
        """The certificate's number in the mail that confirms an order."""
        return (await self.link(case_number, "/registration-form?certificate=")).partition("=")[2]

    async def file(self, subject: str) -> tuple[str, bytes]:
        """Name and content of the one file that came with that mail."""
        mail = await self.mail(subject)
        kept = MailStore(self.stack.directory / "mails").get(mail["id"])
        assert kept
        [part] = kept.message.iter_attachments()
        return str(part.get_filename()), bytes(part.get_payload(decode=True))

    async def subjects(self, count: int) -> list[str]:
        """The subjects of all mails, sorted, as soon as there are that many; each came once."""

        async def all_there() -> list[dict[str, Any]]:
            mails = await self.mails()
            return mails if len(mails) >= count else []

        mails = await until(all_there, f"{count} mails to {self.address}")
        assert [len(mail["deliveries"]) for mail in mails] == [1] * len(mails)
        return sorted(mail["subject"] for mail in mails)

    async def languages(self) -> set[str]:
        """The languages of all mails so far."""
        return {mail["headers"]["Content-Language"] for mail in await self.mails()}
