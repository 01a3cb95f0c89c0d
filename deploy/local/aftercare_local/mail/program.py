"""The mail sink as a program of the stack."""

import sys
from pathlib import Path

from aftercare_local.ports import accepts, require_free
from aftercare_local.probe import is_ready
from aftercare_local.program import Launch, Program


class MailSink(Program):
    """Listens on two ports of 127.0.0.1: SMTP, and a web page with a JSON API."""

    name = "mail"

    def __init__(self, directory: Path, smtp_port: int, web_port: int) -> None:
        self.directory = directory
        self.smtp_port = smtp_port
        self.web_port = web_port
        self.url = f"http://127.0.0.1:{web_port}"

    def check(self) -> None:
        require_free(self.smtp_port, "incoming mail", "AFTERCARE_SMTP_PORT")
        require_free(self.web_port, "the page of mails", "AFTERCARE_MAIL_PORT")

    def launch(self) -> Launch:
        ports = (str(self.smtp_port), str(self.web_port))
        return Launch((sys.executable, "-m", "aftercare_local.mail", str(self.directory), *ports))

    def ready(self) -> bool:
        return accepts(self.smtp_port) and is_ready(self.web_port)
