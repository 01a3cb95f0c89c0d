"""The mail sink: takes mail over SMTP, shows it on a page and as JSON."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest

from aftercare_local.mail.program import MailSink
from aftercare_local.ports import free_port
from aftercare_local.program import Running


@pytest.fixture(scope="module")
def sink(tmp_path_factory) -> Iterator[MailSink]:
    directory = tmp_path_factory.mktemp("mail")
    program = MailSink(directory / "mails", free_port(), free_port())
    running = Running(program, directory / "mail.log")
    running.start()
    program.running = running
    yield program
    running.stop()


def mail(to: str, message_id: str, subject: str = "Certificaat") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = "a@example.org", to, subject, message_id
    message.set_content("Geachte, één eenheid is gebruikt.")
    message.add_alternative("<h1>Geachte</h1><script>alert(1)</script>", subtype="html")
    return message


def send(sink: MailSink, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=10) as client:
        client.send_message(message)


def mails(sink: MailSink, **query: str) -> list[dict]:
    answer = httpx.get(f"{sink.url}/api/mails", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_mail_arrives_whole(sink: MailSink) -> None:
    send(sink, mail("whole@example.org", "<whole@x>"))
    (got,) = mails(sink, to="WHOLE@example.org")
    assert (got["message_id"], got["subject"]) == ("<whole@x>", "Certificaat")
    assert got["to"] == ["whole@example.org"]
    assert got["text"].strip() == "Geachte, één eenheid is gebruikt."
    assert "<h1>Geachte</h1>" in got["html"]
    assert got["headers"]["From"] == "a@example.org"


def test_the_same_message_id_is_one_mail_delivered_twice(sink: MailSink) -> None:
    for _ in range(2):
        send(sink, mail("again@example.org", "<again@x>"))
    (got,) = mails(sink, to="again@example.org")
    assert len(got["deliveries"]) == 2


def test_since_leaves_out_what_came_before(sink: MailSink) -> None:
    send(sink, mail("since@example.org", "<since@x>"))
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert mails(sink, to="since@example.org", since=later) == []
    assert len(mails(sink, to="since@example.org", since="2020-01-01T00:00:00Z")) == 1


def test_a_since_that_is_no_time_is_refused_with_an_example(sink: MailSink) -> None:
    answer = httpx.get(f"{sink.url}/api/mails", params={"since": "yesterday"})
    assert answer.status_code == 400
    assert "since='yesterday'" in answer.json()["title"]


def test_the_page_lists_mails_and_shows_one_harmlessly(sink: MailSink) -> None:
    send(sink, mail("page@example.org", "<page@x>", subject="<b>Redeemed</b>"))
    assert "&lt;b&gt;Redeemed&lt;/b&gt;" in httpx.get(sink.url).text
    (got,) = mails(sink, to="page@example.org")
    assert f'src="/mails/{got["id"]}/html"' in httpx.get(f"{sink.url}/mails/{got['id']}").text
    shown = httpx.get(f"{sink.url}/mails/{got['id']}/html")
    assert "<h1>Geachte</h1>" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert httpx.get(f"{sink.url}/mails/unknown").status_code == 404


def test_mails_survive_a_kill(sink: MailSink) -> None:
    send(sink, mail("kept@example.org", "<kept@x>"))
    before = mails(sink, to="kept@example.org")
    sink.running.kill()
    sink.running.start()
    assert mails(sink, to="kept@example.org") == before
