"""A process that is told something wrong says which variable, why, and does not start."""

from pathlib import Path

import pytest

from chassis.settings import Settings, read_settings

GOOD = {"DATABASE_URL": "postgresql://credits:pw@127.0.0.1:1/credits", "KAFKA": "127.0.0.1:2", "ENVIRONMENT": "test"}


@pytest.fixture
def told(monkeypatch):
    """Call it with the variables of a process, without their prefix."""
    import os

    for name in [name for name in os.environ if name.startswith("AFTERCARE_")]:
        monkeypatch.delenv(name)

    def tell(**variables: str) -> Settings:
        for name, value in {**GOOD, **variables}.items():
            monkeypatch.setenv(f"AFTERCARE_{name}", value)
        return read_settings(Settings)

    return tell


def test_the_environment_becomes_settings(told):
    settings = told(HTTP_PORT="8105", RUNNER="plain", CLOCK_FILE="/tmp/clock")
    assert (settings.http_port, settings.runner, settings.clock_file) == (8105, "plain", Path("/tmp/clock"))
    assert settings.http_host == "127.0.0.1", "nobody else is let in unless told so"


WRONG = [
    ({"HTTP_PORT": "many"}, ["AFTERCARE_HTTP_PORT", "integer", "'many'"]),
    ({"HTTP_PORT": "70000"}, ["AFTERCARE_HTTP_PORT", "65535", "'70000'"]),
    ({"RUNNER": "rabbit"}, ["AFTERCARE_RUNNER", "'faust' or 'plain'", "'rabbit'"]),
    ({"ENVIRONMENT": "prod"}, ["AFTERCARE_ENVIRONMENT", "'production'", "'prod'"]),
    ({"TOPIC_PREFIX": "a.b"}, ["AFTERCARE_TOPIC_PREFIX", "pattern", "'a.b'"]),
    ({"DATABASE_CONNECTIONS": "1"}, ["AFTERCARE_DATABASE_CONNECTIONS", "greater than or equal to 2"]),
    ({"DEAD_LETTER_LIMIT": "0"}, ["AFTERCARE_DEAD_LETTER_LIMIT", "greater than or equal to 1"]),
    ({"ENVIRONMENT": "production", "CLOCK_FILE": "/tmp/x"}, ["AFTERCARE_CLOCK_FILE must not be set in production"]),
    ({"ENVIRONMENT": "production", "KILL_AT": "before-send"}, ["AFTERCARE_KILL_AT must not be set in production"]),
]


@pytest.mark.parametrize(("variables", "said"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_a_wrong_variable_ends_the_process_with_its_name_and_what_is_accepted(told, capsys, variables, said):
    with pytest.raises(SystemExit) as ended:
        told(**variables)
    assert ended.value.code == 2
    written = capsys.readouterr().err
    for word in said:
        assert word in written


def test_every_missing_variable_is_named(told, monkeypatch, capsys):
    told()
    for name in GOOD:
        monkeypatch.delenv(f"AFTERCARE_{name}")
    with pytest.raises(SystemExit):
        read_settings(Settings)
    written = capsys.readouterr().err
    assert "AFTERCARE_DATABASE_URL: Field required" in written
    assert "AFTERCARE_KAFKA: Field required" in written


def test_a_wrong_address_of_the_database_is_named_without_its_password(told, capsys):
    with pytest.raises(SystemExit):
        told(DATABASE_URL="mysql://credits:hush-hush@db/credits")
    written = capsys.readouterr().err
    assert "AFTERCARE_DATABASE_URL" in written
    assert "postgresql://" in written
    assert "hush-hush" not in written


def test_production_is_what_a_process_is_unless_told_otherwise(told, monkeypatch):
    told()
    monkeypatch.delenv("AFTERCARE_ENVIRONMENT")
    assert read_settings(Settings).environment == "production"
