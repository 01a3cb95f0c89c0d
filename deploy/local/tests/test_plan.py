"""What the stack consists of: its own servers, or those that the settings name."""

from pathlib import Path

import psycopg
import pytest

from aftercare_local.cli.shown import here
from aftercare_local.done import Done
from aftercare_local.home import Home
from aftercare_local.plan import database_url, only, told, whole_system
from aftercare_local.settings import SERVICES, LocalSettings
from aftercare_local.trouble import Trouble
from chassis.settings import Settings
from registration_service.settings import RegistrationSettings


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def test_everything_that_a_program_needs_is_there(home: Home) -> None:
    programs = whole_system(home, LocalSettings())
    names = {program.name for program in programs}
    assert {"postgres", "kafka", "mail", "topics", *SERVICES} <= names
    assert all(set(program.after) <= names for program in programs)


def test_named_servers_are_used_instead_of_own_ones(home: Home, postgres) -> None:
    settings = LocalSettings(kafka="broker.example:9092", postgres=postgres.server)
    programs = {program.name: program for program in whole_system(home, settings)}
    assert programs.keys().isdisjoint({"postgres", "kafka"})
    programs["migrate-credits"].prepare()
    with psycopg.connect(database_url(home, settings, "credits")) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("credits", "credits")
    assert told(home, settings, "credits")["AFTERCARE_KAFKA"] == "broker.example:9092"
    assert programs["topics"].needed()


def test_a_named_server_that_cannot_be_used_is_told(home: Home) -> None:
    settings = LocalSettings(postgres="postgresql://postgres:wrong@127.0.0.1:9/postgres")
    migration = next(one for one in whole_system(home, settings) if one.name == "migrate-credits")
    with pytest.raises(Trouble, match=r"PostgreSQL at 127\.0\.0\.1:9 cannot be used"):
        migration.prepare()


def test_a_service_understands_everything_it_is_told(home: Home, monkeypatch) -> None:
    for name, value in told(home, LocalSettings(), "tickets").items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.environment, settings.http_port, settings.kafka) == ("development", 8103, "127.0.0.1:19092")
    assert settings.clock_file == home.clock


def test_only_some_programs_bring_what_they_need(home: Home) -> None:
    programs = whole_system(home, LocalSettings())
    assert {one.name for one in only(programs, ["credits"])} == {
        "credits",
        "migrate-credits",
        "postgres",
        "topics",
        "kafka",
    }
    with pytest.raises(Trouble, match="no program 'nothing'"):
        only(programs, ["nothing"])


def test_a_step_is_done_again_when_one_of_its_files_changed(tmp_path: Path) -> None:
    source, done = tmp_path / "0001.sql", Done(tmp_path / "note")
    source.write_text("CREATE TABLE a ()")
    assert not done.covers([source])
    done.note([source])
    assert done.covers([source])
    source.write_text("CREATE TABLE b ()")
    assert not done.covers([source])
    assert not Done(None).covers([source])


def test_a_port_that_is_none_is_refused_with_what_would_be_accepted(monkeypatch) -> None:
    monkeypatch.setenv("AFTERCARE_SMTP_PORT", "80")
    with pytest.raises(Trouble, match="AFTERCARE_SMTP_PORT=80: Input should be greater than or equal to 1024"):
        here()


@pytest.mark.requirement("ALL-06")
def test_registration_alone_is_told_of_the_key_that_signs(home: Home, monkeypatch) -> None:
    signing = {service for service in SERVICES if "AFTERCARE_SIGNING_KEY" in told(home, LocalSettings(), service)}
    assert signing == {"registration"}
    for name, value in told(home, LocalSettings(), "registration").items():
        monkeypatch.setenv(name, value)
    assert RegistrationSettings().signing_key == home.signing_key
