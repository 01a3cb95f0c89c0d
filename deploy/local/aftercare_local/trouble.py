"""What went wrong outside this program, in a sentence with its cause and its cure."""


class Trouble(Exception):
    """Something on this machine stands in the way; the text says what and how to get past it."""


KNOWN = {
    "No space left on device": "The disk is full. Free some space (`df -h` shows where), then `aftercare up`.",
    "OutOfMemoryError": "The memory given to it was not enough. Close other programs, then `aftercare up`.",
    "Cannot allocate memory": "This machine has no memory left. Close other programs, then `aftercare up`.",
    "could not create shared memory": "There is too little shared memory; in a container, give /dev/shm 128 MB.",
    "ModuleNotFoundError": "A package is missing from .venv. `make clean`, then `make up` installs it again.",
}


def diagnose(log: str) -> str:
    """The sentence for a known cause found in the last lines of a log; empty when none is recognised."""
    return next((cure for sign, cure in KNOWN.items() if sign in log), "")


def disk_full(place: object) -> Trouble:
    return Trouble(f"The disk that holds {place} is full. Free some space (`df -h` shows where), then try again.")
