"""The acceptance list as a user: where the tests run as root, they run once more under a uid that owns nothing here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

USER = 54321
ROOT = Path(__file__).parents[2]
ACCEPTANCE = sorted(Path(__file__).with_name("acceptance").glob("test_*.py"))

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="these tests run as a user already")


@cache
def as_user() -> tuple[str, ...]:
    """The head of a command line that runs as `USER`, with what lies below private homes bound where it lies."""
    bwrap, setpriv = shutil.which("bwrap"), shutil.which("setpriv")
    if bwrap is None or setpriv is None:
        pytest.skip("without bwrap and setpriv the interpreter cannot be shown to another user")
    command = [bwrap, "--dev-bind", "/", "/"]
    needed = list(dict.fromkeys(os.path.realpath(place) for place in (sys.base_prefix, sys.prefix, str(ROOT))))
    closed = {place: next((above for above in reversed(Path(place).parents) if _is_closed(above)), None) for place in needed}
    for private in dict.fromkeys(above for above in closed.values() if above is not None):
        command += ["--perms", "0755", "--tmpfs", str(private)]
    for place, above in closed.items():
        if above is not None:
            for parent in reversed(Path(place).parents):
                if parent.is_relative_to(above) and parent != above:
                    command += ["--perms", "0755", "--dir", str(parent)]
            command += ["--ro-bind", place, place]
    command += ["--", setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    works = subprocess.run(
        [*command, sys.executable, "-c", "import adrs, pytest"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if works.returncode:
        pytest.skip(f"the interpreter cannot be reached by another user: {works.stderr.strip()[-300:]}")
    return tuple(command)


def _is_closed(folder: Path) -> bool:
    return not folder.stat().st_mode & 0o001


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the user's own."""
    with tempfile.TemporaryDirectory() as made:
        os.chown(made, USER, USER)
        yield Path(made)


def test_it_is_a_user_without_any_right(home: Path) -> None:
    code = "import os; print(os.getuid(), os.getgroups(), [x.split()[1] for x in open('/proc/self/status') if 'Cap' in x])"
    done = subprocess.run([*as_user(), sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == [str(USER), "[]"]
    assert set(re.findall(r"'(\w+)'", done.stdout)) == {"0" * 16}


@pytest.mark.slow
@pytest.mark.parametrize("file", ACCEPTANCE, ids=lambda file: file.stem)
def test_the_acceptance_list_holds_for_a_user(file: Path, home: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    plain = ["-p", "no:cacheprovider", "-p", "no:xdist", "--basetemp", str(home / "pytest"), "-rs", "-q"]
    done = subprocess.run(
        [*as_user(), sys.executable, "-m", "pytest", *plain, str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
