"""mounts: the files that a sandbox can see: interpreter, libraries, numpy, msgspec and a task's packages; nothing else.

Never all of site-packages and never `sys.prefix`: these contain adrs with its tasks, generators and seeds.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adrs.core.failure import Refusal

_SITES = ("site-packages", "dist-packages")
_SUFFIXES = importlib.machinery.all_suffixes()
_DEVICES = {"torch": "/dev/urandom"}
"""Package -> device that it opens when it is imported."""


@dataclass(frozen=True)
class Places:
    """Paths on this machine.

    Args:
        python: the interpreter's real file.
        stdlib: directories of the standard library, as import paths.
        site: the directories that contain numpy and msgspec, as import paths for the zygote.
        packages: files and directories of the offered distributions.
        libraries: directories and files of shared libraries.
        readable: all paths that an open world may read.
    """

    python: str
    stdlib: list[str]
    site: list[str]
    packages: list[str]
    libraries: list[str]

    @property
    def readable(self) -> list[str]:
        entries = [entry.path for directory in self.stdlib for entry in _scan(directory)]
        return [*entries, *self.packages, *self.libraries]

    @property
    def modules(self) -> dict[str, str]:
        """Every top-level module that an open world may import -> its file or its package's directory.

        With it a player need not list the directories that contain them, so other modules there stay hidden.
        """
        found: dict[str, str] = {}
        for path in (*self.packages, *(entry.path for directory in self.stdlib for entry in _scan(directory))):
            name = os.path.basename(path)
            suffix = next((each for each in sorted(_SUFFIXES, key=len, reverse=True) if name.endswith(each)), "")
            if suffix or os.path.isfile(os.path.join(path, "__init__.py")):
                found.setdefault(name.removesuffix(suffix), path)
        return found

    @property
    def private(self) -> bool:
        """Whether other users cannot reach the interpreter's files because these are below a closed directory, like a home."""
        above = {directory for path in (*self.stdlib, *self.site) for directory in (Path(path), *Path(path).parents)}
        return any(not directory.stat().st_mode & 0o001 for directory in above)


@cache
def places(packages: tuple[str, ...] = ()) -> Places:
    """The paths for a sandbox that offers `packages` in addition to numpy.

    Raises:
        Refusal: an offered package is not installed.
    """
    stdlib = Path(sysconfig.get_path("stdlib"))
    dynamic = sysconfig.get_config_var("DESTSHARED") or str(stdlib / "lib-dynload")
    offered: list[str] = []
    site: list[str] = []
    for distribution in _distributions(("numpy", "msgspec", *packages)):
        root = Path(str(distribution.locate_file("")))
        offered += _tops(root, distribution)
        site.append(str(root))
    return Places(
        python=os.path.realpath(sys.executable),
        stdlib=list(dict.fromkeys(os.path.realpath(path) for path in (stdlib, dynamic) if os.path.isdir(path))),
        site=list(dict.fromkeys(site)),
        packages=list(dict.fromkeys(offered)),
        libraries=_libraries(),
    )


def _distributions(names: Sequence[str]) -> list[importlib.metadata.Distribution]:
    """The distributions with these names, and those of their requirements that are installed.

    Raises:
        Refusal: one of `names` is not installed.
    """
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = list(names)
    for name in wanted:
        key = name.lower().replace("_", "-")
        if key in found:
            continue
        try:
            found[key] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name in names:
                raise Refusal(f"the task offers the package {name}, which is not installed: pip install {name}") from None
            continue
        required = [line for line in found[key].requires or () if "extra ==" not in line]
        wanted += [match[0] for line in required if (match := re.match(r"[A-Za-z0-9._-]*[A-Za-z0-9]", line))]
    return list(found.values())


def _scan(directory: str) -> list[os.DirEntry[str]]:
    """The entries of a standard library directory, without the third-party packages that some systems keep there."""
    return [entry for entry in os.scandir(directory) if entry.name not in _SITES]


def _tops(root: Path, distribution: importlib.metadata.Distribution) -> list[str]:
    """A distribution's files and directories in `root`; from a directory that it may share with others, only its files."""
    tops = set()
    for file in distribution.files or ():
        if file.parts[0] not in ("..", "__pycache__") and not file.parts[0].endswith(".dist-info"):
            own = len(file.parts) == 1 or (root / file.parts[0] / "__init__.py").exists()
            tops.add(root / file.parts[0] if own else root / file)
    return sorted(str(top) for top in tops if top.exists())


def _libraries() -> list[str]:
    """Paths of shared libraries: the system's directories, and those of libraries mapped by this process outside Python's own.

    Some systems keep Python and its packages below /usr/lib64: such a directory is listed entry by entry.
    """
    triplet = sysconfig.get_config_var("MULTIARCH") or "none"
    found = [f"{root}{tail}" for root in ("/lib", "/usr/lib") for tail in ("64", f"/{triplet}")]
    stdlib = os.path.realpath(sysconfig.get_path("stdlib"))
    shared = [path for path in found if Path(stdlib).is_relative_to(os.path.realpath(path))]
    found = [path for path in found if path not in shared]
    found += [entry.path for path in shared for entry in os.scandir(path) if ".so" in entry.name]
    found += [str(path) for path in Path(sys.base_prefix, "lib").glob("libpython*.so*")]
    found.append("/etc/ld.so.cache")
    with open("/proc/self/maps", encoding="utf-8") as lines:
        mapped = {line.split()[-1] for line in lines if ".so" in line.split()[-1]}
    inside = (sysconfig.get_path("stdlib"), sys.prefix, *_SITES)
    found += sorted(
        {path for path in mapped if not any(part in path for part in inside) and os.path.dirname(path) not in found}
    )
    return list(dict.fromkeys(os.path.realpath(path) for path in found if os.path.exists(path)))


def find_bwrap() -> str | None:
    """The path of bubblewrap; None if it is not installed."""
    return shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")


@cache
def bwrap_version(bwrap: str) -> str:
    """The version of bubblewrap, "0.8.0"."""
    done = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return done.stdout.strip().split(" ")[-1]


def bwrap_command(bwrap: str, where: Places, environment: Mapping[str, str], offered: Sequence[str] = ()) -> list[str]:
    """bubblewrap's command line: new pid, net, ipc, uts and mount namespaces, and a root with only the interpreter.

    Args:
        offered: packages in addition to numpy; some need a device, which players cannot open.
    """
    root = os.getuid() == 0
    command = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
    command += ["--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))]
    command += ["--cap-drop", "ALL"]
    command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    command += _links()
    paths = [*where.libraries, where.python, *where.stdlib, *where.packages]
    parents = dict.fromkeys(str(parent) for path in paths for parent in reversed(Path(path).parents[:-1]))
    for parent in parents:  # directories that bwrap creates itself are closed to a dropped uid
        command += ["--perms", "0755", "--dir", parent]
    for path in [*where.libraries, where.python, *where.stdlib]:
        command += ["--ro-bind", path, path]
    for directory in where.stdlib:
        for covered in _SITES:
            if os.path.isdir(os.path.join(directory, covered)):
                command += ["--tmpfs", os.path.join(directory, covered)]
    for path in where.packages:
        command += ["--ro-bind", path, path]
    here = Path(__file__).parent
    for name in ("zygote.py", "child.py", "wire.py"):
        command += ["--ro-bind", str(here / name), f"/player/{name}"]
    for device in dict.fromkeys(_DEVICES[name] for name in offered if name in _DEVICES):
        command += ["--perms", "0755", "--dir", os.path.dirname(device), "--dev-bind", device, device]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _links() -> Sequence[str]:
    """The links /lib -> usr/lib and similar ones, if this system has them."""
    links: list[str] = []
    for name in ("/lib", "/lib64", "/bin"):
        if os.path.islink(name):
            links += ["--symlink", os.readlink(name), name]
    return links
