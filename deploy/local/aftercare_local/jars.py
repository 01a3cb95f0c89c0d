"""Apache Kafka as jar files: fetched once through jgo, each compared with a committed SHA-256 sum."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aftercare_local.home import ENOSPC
from aftercare_local.program import Say, silent
from aftercare_local.trouble import Trouble, disk_full

SUMS: Final = Path(__file__).with_name("kafka-4.3.1.sums")
ATTEMPTS: Final = 3
Sources = Mapping[str, str] | None  # name to address of the repositories to fetch from; the public one unless said


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of Kafka: coordinate and expected sum."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def filename(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def within(self, repository: Path) -> Path:
        return repository.joinpath(*self.group.split("."), self.artifact, self.version, self.filename)


def listed(sums: Path = SUMS) -> list[Jar]:
    """Every jar of the committed list."""
    return [Jar(line.split()[0], *line.split()[1].split(":")) for line in sums.read_text().splitlines() if line.strip()]


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def repository() -> Path:
    """Where jars are kept between runs and projects: Maven's own cache directory."""
    return Path(os.environ.get("M2_REPO") or Path.home() / ".m2" / "repository")


def classpath(say: Say = silent, cache: Path | None = None, sources: Sources = None) -> str:
    """The class path of Kafka; fetches what is missing, in parallel, and says how far it is."""
    kept = cache or repository()
    jars = listed()
    missing = [jar for jar in jars if not jar.within(kept).exists()]
    if missing:
        _fetch_all(missing, kept, say, sources)
    return os.pathsep.join(str(jar.within(kept)) for jar in jars)


def _fetch_all(missing: list[Jar], kept: Path, say: Say, sources: Sources) -> None:
    say(f"fetching Kafka: 0 of {len(missing)} files")
    with _staging(kept) as stage, ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(_fetch, jar, stage, kept, sources) for jar in missing]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                say(f"fetching Kafka: {done} of {len(missing)} files")
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _staging(kept: Path) -> Iterator[Path]:
    """A directory beside the cache: only whole, verified files leave it, a break leaves no half file."""
    try:
        kept.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".aftercare-", dir=kept))
    except OSError as error:
        raise Trouble(
            f"{kept} cannot be written ({error.strerror}). Set M2_REPO to a directory of your own."
        ) from error
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fetch(jar: Jar, stage: Path, kept: Path, sources: Sources) -> None:
    import requests  # here, since only the first start needs it

    try:
        got = _download(jar, stage, sources)
    except (requests.RequestException, RuntimeError) as error:
        raise Trouble(
            f"The download of Kafka broke off at {jar.filename} ({type(error).__name__}). Is the network up? "
            "What has arrived is kept: run the command again to go on."
        ) from error
    except OSError as error:
        raise disk_full(stage) if error.errno == ENOSPC else error from error
    if sum_of(got) != jar.sha256:
        raise Trouble(
            f"{jar.filename} arrived with SHA-256 {sum_of(got)} where {jar.sha256} was expected, and is not used. "
            "Something between here and the Maven repository changes files; ask who runs your network, then try again."
        )
    target = jar.within(kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    got.replace(target)


def _download(jar: Jar, stage: Path, sources: Sources) -> Path:
    import requests
    from jgo.maven import MavenContext

    if "SSL_CERT_FILE" in os.environ:  # requests knows a company's certificates by another name than Python
        os.environ.setdefault("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
    for attempt in range(1, ATTEMPTS + 1):
        place = stage / f"{jar.filename}-{attempt}"
        context = MavenContext(repo_cache=place, remote_repos=dict(sources) if sources else None, timeout=30)
        artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        try:
            return Path(artifact.resolve())
        except (requests.RequestException, RuntimeError):
            if attempt == ATTEMPTS:
                raise
    raise AssertionError
