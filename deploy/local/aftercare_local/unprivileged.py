"""Run a program as an ordinary user although we are root; PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
from pathlib import Path
from typing import Any

from aftercare_local.trouble import Trouble

ORDINARY = "nobody"


def reaches(path: Path) -> bool:
    """Whether an ordinary user may walk to that path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def own(path: Path) -> None:
    """Give a directory to the ordinary user, when we are root."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(ORDINARY)
        os.chown(path, account.pw_uid, account.pw_gid)


def demoted(argv: tuple[str, ...], paths: tuple[Path, ...]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Arguments and options for subprocess that run argv as the ordinary user; unchanged unless we are root.

    Below a directory that is root's alone (/root, say) the program keeps the one right to walk through it.
    """
    if os.geteuid() != 0:
        return argv, {}
    account = pwd.getpwnam(ORDINARY)
    if all(reaches(path) for path in paths):
        return argv, {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Trouble(
            f"{paths[0]} lies below a directory that is root's alone, and PostgreSQL refuses to run as root. "
            "Move the checkout (to /opt, say), or run as an ordinary user."
        )
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    # without the secure bit, access(2) would look at the user alone and initdb would not find its own programs
    rights = ("--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return (setpriv, *ids, *rights, *argv), {}
