"""What the stack consists of, and in which order it starts."""

from collections.abc import Callable, Iterable, Sequence

from aftercare_local.databases import address_of
from aftercare_local.done import DatabaseToMake, Done
from aftercare_local.home import Home
from aftercare_local.kafka import Kafka, Partners
from aftercare_local.mail.program import MailSink
from aftercare_local.postgres import Postgres
from aftercare_local.program import Program
from aftercare_local.service import Migration, Service, Topics, environment
from aftercare_local.settings import SERVICES, LocalSettings
from aftercare_local.trouble import Trouble
from event_schemas.topics import load_topics, partners_of


def whole_system(home: Home, settings: LocalSettings) -> list[Program]:
    """Every program: servers unless others are named, the mail sink, topics, migrations, services."""
    database = Postgres(home.postgres, settings.postgres_port)
    programs: list[Program] = [MailSink(home.mails, settings.smtp_port, settings.mail_port)]
    if settings.kafka is None:
        doors = settings.kafka_port, settings.kafka_controller_port
        programs.append(Kafka(home.kafka, *doors, home.cache, partners(home, settings)))
    if settings.postgres is None:
        programs.append(database)
    programs.append(_topics(home, settings))
    for name in SERVICES:
        programs += _service(home, settings, name, database)
    return programs


def partners(home: Home, settings: LocalSettings) -> Partners:
    """The outside systems that topics name, each with a password of its own."""
    named = settings.partner_passwords
    passwords = {user: named.get(user) or home.password(user) for user in partners_of(load_topics())}
    return Partners(settings.kafka_partners_port, passwords)


def database_url(home: Home, settings: LocalSettings, service: str) -> str:
    """The address of a service's database, on our server or on the one that is named."""
    server = settings.postgres or f"postgresql://127.0.0.1:{settings.postgres_port}"
    return address_of(server, service, home.password(service), service)


def told(home: Home, settings: LocalSettings, service: str) -> dict[str, str]:
    """The environment of a service."""
    return dict(environment(home, settings, service, database_url(home, settings, service)))


def only(programs: Sequence[Program], wanted: Iterable[str]) -> list[Program]:
    """Those programs and whatever they need to start; all of them when none is named."""
    by_name = {program.name: program for program in programs}
    pending, chosen = list(wanted), set[str]()
    while pending:
        name = pending.pop()
        if name not in by_name:
            raise Trouble(f"There is no program {name!r}. Known: {', '.join(by_name)}.")
        if name not in chosen:
            chosen.add(name)
            pending += by_name[name].after
    return [program for program in programs if not chosen or program.name in chosen]


def _topics(home: Home, settings: LocalSettings) -> Topics:
    if settings.kafka:
        return Topics(settings.bootstrap, Done(None), ())
    return Topics(settings.bootstrap, Done(home.kafka / "topics.made"), ("kafka",))


def _service(home: Home, settings: LocalSettings, name: str, database: Postgres) -> list[Program]:
    variables = told(home, settings, name)
    external = settings.postgres
    server: Callable[[], str] = (lambda: external) if external else (lambda: database.server)
    done = Done(None if external else home.postgres / f"{name}.migrated")
    migration = Migration(
        name, variables, DatabaseToMake(server, home.password(name), done), () if external else ("postgres",)
    )
    home.data(name).mkdir(parents=True, exist_ok=True)
    needs = ("topics", migration.name, *(("mail",) if name == "notifications" else ()))
    return [migration, Service(name, settings.port_of(name), variables, needs)]
