"""`python -m event_schemas export | asyncapi | check [...]`: keep the published files in step with the classes.

Works on the checkout; exits with 1 and a sentence for each thing that is wrong.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from event_schemas.asyncapi import document, text
from event_schemas.catalogue import public_events
from event_schemas.export import plan, write
from event_schemas.folders import PACKAGE
from event_schemas.published import edited, read_published
from event_schemas.topics import TopicError, load_topics


def export(root: Path) -> Iterable[str]:
    """Publish what is new; returns why it cannot."""
    directory = root / "published"
    planned = plan(public_events().values(), read_published(directory))
    if wrong := [*edited(directory), *planned.refusals]:
        return wrong
    write(planned, directory)
    sys.stdout.writelines(f"published/{name}: written and frozen\n" for name in planned.files)
    return ()


def asyncapi(root: Path) -> Iterable[str]:
    """Write the AsyncAPI document anew."""
    topics = {topic.topic: topic for topic in load_topics(root / "topics")}
    events = public_events()
    if homeless := [event for event in events.values() if event.TOPIC not in topics]:
        return [f"{event.TYPE}: no topics/{event.TOPIC}.yaml" for event in homeless]
    (root / "asyncapi.yaml").write_text(text(document(topics, events, root / "examples")), encoding="utf-8")
    return ()


def check(root: Path) -> Iterable[str]:
    """Every promise, nothing written."""
    from event_schemas.check import problems  # needs the extra `check`, which the other commands do without

    return list(problems(root))


COMMANDS: dict[str, Callable[[Path], Iterable[str]]] = {"export": export, "asyncapi": asyncapi, "check": check}


def main(arguments: Sequence[str] | None = None, root: Path = PACKAGE.parent) -> int:
    """Run the named commands in order until one of them finds something wrong."""
    parser = argparse.ArgumentParser(prog="python -m event_schemas", description=__doc__)
    parser.add_argument("commands", nargs="+", choices=sorted(COMMANDS), metavar="export|asyncapi|check")
    for name in parser.parse_args(arguments).commands:
        try:
            wrong = list(COMMANDS[name](root))
        except TopicError as error:
            wrong = str(error).splitlines()
        if wrong:
            sys.stderr.writelines(f"{each}\n" for each in wrong)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
