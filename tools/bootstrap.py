"""Builds `.venv` from the locks, so that any `make` command can be the first one on a machine.

Decides what is missing, installs it, and remembers what it built in `.venv/ready.json`. Which
packages those are is left to `requirements.lock`, where to fetch them to the machine's own pip
settings. Run by whatever Python the machine has, it uses nothing but the standard library.

Three facts shape it:

* Debian's python3 comes without `ensurepip`, so `python3 -m venv` fails there unless python3-venv
  is installed. A virtual environment is only a folder with a `pyvenv.cfg` and a link to Python
  (PEP 405), and every pip can put a pip there (`--target`), also one too old to do anything else.
* pip takes a package for installed as soon as its metadata is there, even when it was killed
  halfway. So the stamp goes first and comes back last, and without a stamp we start afresh.
* Two commands may start at once, and pip may outlive a killed parent: one lock, inherited by pip.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 (older ones run this file too, to be told so)
    raise SystemExit(
        "Shiftbell needs Python 3.11 or newer, and {} is {}.{}. "
        "Install a newer one, or name one you have: make demo PYTHON=python3.13".format(
            sys.executable, *sys.version_info[:2]
        )
    )

ROOT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
PROJECT = "pyproject.toml"

Stamp = dict[str, str]
"""What an environment was built from: a name, and the digest or the path that stood behind it."""


def base_python() -> str:
    """Path of the Python below any virtual environment, which survives the removal of `.venv`."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def wanted(root: Path, *, dev: bool) -> Stamp:
    """Describe the environment that this tree asks for, with the developers' tools or without."""
    files = [RUNTIME_LOCK, PROJECT] + [DEV_LOCK] * dev
    digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files}
    return {"python": base_python(), "folder": str(root / ".venv"), **digests}


def missing(have: Stamp, want: Stamp) -> list[str]:
    """Name the steps from `have` to `want`, in order; nothing when they agree.

    Whatever is no longer in a changed lock would linger in an old environment, and an
    environment does not survive a move or another Python: those start with a new "folder".
    """
    changed = [name for name, value in want.items() if have.get(name) != value]
    if not set(changed) - {DEV_LOCK, PROJECT} and not (DEV_LOCK in changed and DEV_LOCK in have):
        return [step for step in (DEV_LOCK, PROJECT) if step in changed]
    # The developers' lock holds everything the runtime's does, with the same versions.
    return ["folder", DEV_LOCK if DEV_LOCK in want else RUNTIME_LOCK, PROJECT]


def read_stamp(venv: Path) -> Stamp:
    """Return what `venv` was built from; empty when it is unfinished, damaged or absent."""
    try:
        stamp = json.loads((venv / "ready.json").read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and (venv / "bin" / "python").exists() else {}


def write_stamp(venv: Path, stamp: Stamp) -> None:
    """Record that `venv` is complete, in one step, so that no reader sees half of it."""
    draft = venv / "ready.json.new"
    draft.write_text(json.dumps(stamp, indent=1))
    draft.replace(venv / "ready.json")


@contextmanager
def alone(root: Path) -> Iterator[int]:
    """Hold this tree's lock; yields the descriptor, for children that must keep holding it."""
    lock = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is preparing .venv; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def say(line: str) -> None:
    """Tell the person at the keyboard; standard output stays the command's own."""
    print(line, file=sys.stderr, flush=True)


def make_venv(venv: Path, lock: int) -> None:
    """Make `venv` anew, only pip in it, with the `venv` module or, where that fails, without."""
    remove(venv)
    made = subprocess.run(
        [base_python(), "-m", "venv", str(venv)],
        env=environment(),
        capture_output=True,
        check=False,
        pass_fds=(lock,),
    )
    if made.returncode != 0:
        say("The venv module does not work here; using pip alone.")
        remove(venv)
        site = lay_out_venv(venv)
        run_pip(base_python(), lock, 1, "--target", site, *hashed(venv.parent / "tools/pip.lock"))


def lay_out_venv(venv: Path) -> Path:
    """Write by hand what makes a folder a virtual environment; returns its folder for packages."""
    python = Path(base_python())
    version = "python{}.{}".format(*sys.version_info[:2])
    site = venv / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "pyvenv.cfg").write_text(
        f"home = {python.parent}\ninclude-system-site-packages = false\n"
        f"version = {sys.version.split()[0]}\nexecutable = {python}\n"
    )
    for name in ("python", "python3", version):
        (venv / "bin" / name).symlink_to(python)
    return site


def remove(venv: Path) -> None:
    """Remove an environment, or the link to one."""
    if venv.is_symlink():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(venv)


def environment() -> dict[str, str]:
    """Return the environment for pip, without what would send packages elsewhere than `.venv`."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def hashed(lock_file: Path) -> tuple[str | Path, ...]:
    """Return pip's arguments for taking a lock at its word."""
    return ("--require-hashes", "--requirement", lock_file)


def run_pip(python: str | Path, lock: int, total: int, *arguments: str | Path) -> None:
    """Install with the pip of `python`, counting packages; its words are shown when it fails."""
    heard: list[str] = []
    count = 0
    quiet = ("--no-input", "--progress-bar", "off", "--no-warn-script-location")
    pip = subprocess.Popen(
        [python, "-m", "pip", "install", *quiet, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(lock,),
    )
    assert pip.stdout is not None
    for line in pip.stdout:
        heard.append(line)
        count += line.startswith("Collecting ")
        if sys.stderr.isatty():
            print(f"\r    {count} of about {total} ", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if pip.wait() != 0:
        raise SystemExit(
            "".join(heard[-20:])
            + "\nThe packages could not be installed; pip's words are above. Check the network and "
            "pip's settings (pip config list), then run the same command again.\nWhere pip itself "
            "is missing: apt-get install python3-pip, or what your system calls it."
        )


def take_step(step: str, venv: Path, lock: int) -> None:
    """Do one of the steps that `missing` names."""
    root, python = venv.parent, venv / "bin" / "python"
    if step == "folder":
        say(f"Making .venv with {base_python()}")
        make_venv(venv, lock)
    elif step == PROJECT:
        say("Installing Shiftbell itself")
        run_pip(python, lock, 1, "--no-deps", "--no-build-isolation", "--editable", root)
    else:
        total = sum(line[:1].isalnum() for line in (root / step).read_text().splitlines())
        say(f"Installing about {total} packages from {step}")
        run_pip(python, lock, total, *hashed(root / step))


def prepare(root: Path, *, dev: bool) -> None:
    """Bring `.venv` to what the tree asks for; returns at once when it is there already."""
    venv, want = root / ".venv", wanted(root, dev=dev)
    if not missing(read_stamp(venv), want):
        return
    started = time.monotonic()
    with alone(root) as lock:
        have = read_stamp(venv)
        steps = missing(have, want)
        if not steps:  # the command we waited for did it
            return
        (venv / "ready.json").unlink(missing_ok=True)
        for step in steps:
            take_step(step, venv, lock)
        write_stamp(venv, want if "folder" in steps else {**have, **want})
    say(f".venv is ready ({time.monotonic() - started:.0f} s).")


if __name__ == "__main__":
    try:
        prepare(ROOT, dev="--dev" in sys.argv[1:])
    except KeyboardInterrupt:
        raise SystemExit("\nInterrupted. Run the same command again; it starts afresh.") from None
