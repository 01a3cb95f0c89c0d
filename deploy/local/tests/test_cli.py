"""The `aftercare` command as its users call it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.outsider import write
from tests.support.stack import CLASS_CACHE, public_directory

from aftercare_local.ports import accepts, free_port

COMMAND = Path(sys.executable).with_name("aftercare")
PORTS = ("POSTGRES", "KAFKA", "KAFKA_CONTROLLER", "SMTP", "MAIL")


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    with public_directory() as directory:
        ports = {f"AFTERCARE_{name}_PORT": str(free_port()) for name in PORTS}
        (directory / "cache").symlink_to(CLASS_CACHE)
        yield {**os.environ, **ports, "AFTERCARE_HOME": str(directory), "TERM": "dumb"}


def call(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (COMMAND, *arguments), env=variables, capture_output=True, text=True, timeout=120, check=False
    )


def test_up_with_a_port_in_use_says_who_holds_it_and_starts_nothing(variables) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        done = call({**variables, "AFTERCARE_SMTP_PORT": str(taken)}, "up", "--only", "mail")
    assert done.returncode == 1
    assert f"Port {taken}, meant for incoming mail, is in use by" in " ".join(done.stderr.split())
    assert "AFTERCARE_SMTP_PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert call(variables, "status").returncode == 1


async def test_a_story_from_up_to_down(variables) -> None:
    up = call(variables, "up", "--only", "topics", "--only", "mail", "--json")
    assert up.returncode == 0, up.stderr
    assert {one["name"]: one["state"] for one in json.loads(up.stdout)["programs"]} == {
        "mail": "ready", "kafka": "ready", "topics": "done",
    }  # fmt: skip
    again = call(variables, "up", "--only", "mail", "--json")
    assert json.loads(again.stdout)["supervisor_pid"] == json.loads(up.stdout)["supervisor_pid"]
    await write(f"127.0.0.1:{variables['AFTERCARE_KAFKA_PORT']}", "registration", [b'{"serial": "X1"}', b"not json"])
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs meanwhile
        (COMMAND, "listen", "registration", "--from-start", "--json"), env=variables, stdout=subprocess.PIPE, text=True
    ) as listening:
        heard = [json.loads(listening.stdout.readline()) for _ in range(2)]
        listening.terminate()
    assert sorted(str(one["data"]) for one in heard) == ["not json", "{'serial': 'X1'}"]
    assert {one["topic"] for one in heard} == {"registration"}
    assert "topics made" in call(variables, "logs", "topics").stdout
    assert call(variables, "status").returncode == 0
    assert call(variables, "down").returncode == 0
    assert not any(accepts(int(variables[f"AFTERCARE_{name}_PORT"])) for name in PORTS)
    assert json.loads(call(variables, "down", "--json").stdout) == {"stopped": False}


def test_the_clock_goes_forth_and_back(variables) -> None:
    assert call(variables, "clock", "advance", "2d").returncode == 0
    assert call(variables, "clock", "advance", "-1d").returncode == 0
    assert json.loads(call(variables, "clock", "show", "--json").stdout)["offset_seconds"] == 86400
    wrong = call(variables, "clock", "advance", "soon")
    assert (wrong.returncode, "'soon' is not a step of time" in wrong.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("up", "--only", "nothing"), "no program 'nothing'"),
        (("token", "--role", "boss"), "no role 'boss'"),
        (("redrive", "nothing"), "no service 'nothing'"),
        (("listen", "nothing"), "Kafka does not answer"),
        (("logs", "nothing"), "No log of 'nothing'"),
    ],
)
def test_what_does_not_exist_is_refused_in_a_sentence(variables, arguments: tuple[str, ...], words: str) -> None:
    done = call(variables, *arguments)
    assert done.returncode == 1
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_reset_deletes_all_but_the_cache(variables) -> None:
    home = Path(variables["AFTERCARE_HOME"])
    assert (home / "kafka").exists()
    assert call(variables, "reset", "--yes").returncode == 0
    assert [path.name for path in home.iterdir()] == ["cache"]
