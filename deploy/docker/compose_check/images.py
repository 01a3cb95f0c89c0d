"""What an image has to be: small, of an ordinary user, without anything that builds or installs."""

from typing import Final

from compose_check.compose import IMAGES, Compose

BASE: Final = "python:3.11-slim"
LARGEST_MB: Final = 110
"""What we put on top of the base image, which has 130 MB of its own when it is the official one: 250 MB in all."""
TOOLS: Final = ("pip", "pip3", "gcc", "cc", "make", "ld", "git", "curl", "uv")
MODULES: Final = ("pip", "ensurepip", "setuptools", "hatchling", "pytest")
LOOK: Final = f"""
import os, shutil
from importlib.util import find_spec
print(os.getuid(), *filter(shutil.which, {TOOLS!r}), *filter(find_spec, {MODULES!r}))
"""


class WrongImage(Exception):
    """An image is not what it has to be."""


def looked_at(compose: Compose) -> str:
    """A line for each image; raises WrongImage when one has root, tools or too much in it, or a container may write."""
    base = _size(compose, BASE)
    lines = [f"  {'image':24} {'MB':>5} {'of it ours':>10}  user"]
    for image in IMAGES:
        size = _size(compose, image)
        run = ("run", "--rm", "--read-only", "--network", "none", "--entrypoint", "python", image, "-c", LOOK)
        user, *tools = compose.docker(*run).split()
        if user == "0" or tools or size - base > LARGEST_MB:
            raise WrongImage(f"{image}: user {user}, {size - base:.0f} MB of ours, with {tools or 'no tools'}")
        lines.append(f"  {image:24} {size:5.0f} {size - base:10.0f}  {user}")
    writable = [one["Service"] for one in compose.containers() if _writable(compose, one["Name"])]
    return "\n".join([*lines, f"  root filesystem writable: {', '.join(writable) or 'none'}"])


def _size(compose: Compose, image: str) -> float:
    return int(compose.docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def _writable(compose: Compose, container: str) -> bool:
    return compose.docker("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", container).strip() != "true"
