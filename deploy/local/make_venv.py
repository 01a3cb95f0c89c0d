"""Make `.venv` with every locked package and our own distributions; needs Python 3.11 and nothing else.

uv (itself from the lock) installs in a tenth of pip's time; where it cannot, pip does the same work.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
# What pip is told on this machine (mirror, proxy, certificates) holds for uv as well.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


def say(text: str) -> None:
    print(f"\033[1m·\033[0m {text}" if sys.stdout.isatty() else f"· {text}", flush=True)


def run(*command: str, env: "dict[str, str] | None" = None) -> bool:
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


def distributions() -> "list[str]":
    """The directories of our own distributions that exist in this checkout."""
    places = [ROOT / "schemas", ROOT / "chassis", *sorted((ROOT / "services").glob("*")), ROOT / "deploy" / "local"]
    return [str(place) for place in places if (place / "pyproject.toml").is_file()]


def pip_settings() -> "dict[str, str]":
    listed = subprocess.run(
        [str(VENV / "bin/pip"), "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = dict(re.findall(r"^[^\n=]*\.([a-z-]+)='(.*)'$", listed, re.MULTILINE))
    return {uv: found[pip] for pip, uv in PIP_TO_UV.items() if found.get(pip)}


def uv_environment() -> "dict[str, str]":
    own = {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1", "UV_LINK_MODE": "copy"}
    return {**pip_settings(), **os.environ, **own}


def pin_of(name: str) -> str:
    found = re.search(rf"^{name}==[^\n]*\n(?:    --hash[^\n]*\n?)+", LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"requirements.lock has no entry for {name}; run `make lock`.")
    return found.group()


def install_uv() -> bool:
    wanted = VENV / "uv.txt"
    wanted.write_text(pin_of("uv"))
    return run(
        str(VENV / "bin/pip"), "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes", "-r", str(wanted)
    )


def install_with_uv() -> bool:
    uv, env = str(VENV / "bin/uv"), uv_environment()
    own = [part for place in distributions() for part in ("--editable", place)]
    quiet = () if sys.stdout.isatty() else ("--quiet",)
    return run(
        uv, "pip", "install", *quiet, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK), env=env
    ) and run(uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", *own, env=env)


def install_with_pip() -> bool:
    pip = [str(VENV / "bin/pip"), "install", "--no-deps", "--no-compile"]
    own = [part for place in distributions() for part in ("--editable", place)]
    return run(*pip, "--require-hashes", "-r", str(LOCK)) and run(*pip, "--quiet", "--no-build-isolation", *own)


def make() -> None:
    started = time.monotonic()
    if not (VENV / "bin/pip").exists():
        say("making .venv")
        if not run(sys.executable, "-m", "venv", str(VENV)):
            raise SystemExit(
                "Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv."
            )
    say("installing the locked packages (120 MB the first time)")
    if not (install_uv() and install_with_uv()):
        say("uv could not; pip does it (half a minute)")
        if not install_with_pip():
            raise SystemExit(
                "Packages could not be installed: see above. Is the package index reachable? Then `make` again."
            )
    (VENV / ".installed").touch()
    say(f".venv is ready after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever Python make finds
        raise SystemExit(
            "Aftercare needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Name another: "
            "make PYTHON=python3.12"
        )
    make()
