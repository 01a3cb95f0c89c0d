"""A letter as a message: HTML in the brand's colours, and plain text from the same paragraphs (NTF-03)."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications_service.contacts.domain import Contact
from notifications_service.mails.domain import Mail
from notifications_service.mails.wording import Letter
from notifications_service.policy import Policy

LAYOUTS: Final = Environment(
    loader=PackageLoader("notifications_service.mails", "layouts"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def lay_out(letter: Letter, policy: Policy, form: str) -> str:
    """The body as `html` or `txt`."""
    return LAYOUTS.get_template(f"mail.{form}").render(letter=letter, brand=policy)


def compose(mail: Mail, letter: Letter, contact: Contact, policy: Policy, sender: str, now: datetime) -> EmailMessage:
    """The message; each attempt has the mail's own Message-ID, so that a server can tell a repetition (NTF-04)."""
    message = EmailMessage()
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(now)
    message["From"] = _mailbox(policy.display_name, sender or policy.contact.email)
    message["To"] = _mailbox(" ".join(contact.name.split()), contact.email)
    if sender:
        message["Reply-To"] = _mailbox(policy.display_name, policy.contact.email)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Aftercare-Event"] = str(mail.caused_by)
    message.set_content(lay_out(letter, policy, "txt"))
    message.add_alternative(lay_out(letter, policy, "html"), subtype="html")
    if letter.file:
        message.add_attachment(
            letter.file.content,
            maintype="text",
            subtype="csv",
            filename=letter.file.name,
            params={"charset": "utf-8", "header": "present"},
        )
    message["Content-Language"] = letter.language  # after the bodies, which take every Content-… header along
    return message


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)  # in two parts: a whole address is refused when it goes beyond ASCII
