"""layout: which files a sandbox sees: the interpreter, its libraries, numpy and msgspec, and what a task offers; nothing else.

Never the whole of site-packages and never `sys.prefix`: there lies adrs with its tasks, generators and seeds.
"""

from __future__ import annotations

import importlib.metadata
import os
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


@dataclass(frozen=True)
class Places:
    """Paths on this machine.

    Args:
        python: the interpreter's real file.
        stdlib: directories of the standard library, as import paths.
        site: the directories in which numpy and msgspec lie, as import paths for the zygote.
        packages: files and directories of the distributions that are offered.
        libraries: directories and files of shared libraries.
        readable: everything that an open world may read, entry by entry.
    """

    python: str
    stdlib: list[str]
    site: list[str]
    packages: list[str]
    libraries: list[str]

    @property
    def readable(self) -> list[str]:
        entries = [
            entry.path
            for directory in dict.fromkeys(self.stdlib)
            if os.path.isdir(directory)
            for entry in os.scandir(directory)
            if entry.name not in _SITES
        ]
        return [*entries, *self.packages, *self.libraries]

    @property
    def import_paths(self) -> list[str]:
        """Where an open world imports from; only what is readable there can be found."""
        return [*self.stdlib, *self.site]


@cache
def places(packages: tuple[str, ...] = ()) -> Places:
    """The places for a sandbox that offers `packages` besides numpy.

    Raises:
        Refusal: an offered package is not installed.
    """
    stdlib = Path(sysconfig.get_path("stdlib"))
    dynamic = sysconfig.get_config_var("DESTSHARED") or str(stdlib / "lib-dynload")
    offered: list[str] = []
    site: list[str] = []
    for name in ("numpy", "msgspec", *packages):
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise Refusal(f"the task offers the package {name}, which is not installed: pip install {name}") from None
        root = Path(str(distribution.locate_file("")))
        tops = {file.parts[0] for file in distribution.files or () if file.parts and file.parts[0] != ".."}
        offered += [str(root / top) for top in sorted(tops) if not top.endswith(".dist-info") and (root / top).exists()]
        site.append(str(root))
    return Places(
        python=os.path.realpath(sys.executable),
        stdlib=list(dict.fromkeys(os.path.realpath(path) for path in (stdlib, dynamic) if os.path.isdir(path))),
        site=list(dict.fromkeys(site)),
        packages=list(dict.fromkeys(offered)),
        libraries=_libraries(),
    )


def _libraries() -> list[str]:
    """Where shared libraries lie: the system's directories, and those of what this process has mapped outside Python's own."""
    triplet = sysconfig.get_config_var("MULTIARCH") or "none"
    found = [f"{root}{tail}" for root in ("/lib", "/usr/lib") for tail in ("64", f"/{triplet}")]
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
    """The path of bubblewrap, None when it is not installed."""
    return shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")


@cache
def bwrap_version(bwrap: str) -> str:
    """Its version, "0.8.0"."""
    done = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return done.stdout.strip().split(" ")[-1]


def bwrap_command(bwrap: str, where: Places, environment: Mapping[str, str]) -> list[str]:
    """bubblewrap's command line: own pid, net, ipc, uts and mount namespaces, and a root with nothing but the interpreter."""
    root = os.getuid() == 0
    command = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
    command += ["--clearenv", *(part for name, value in environment.items() for part in ("--setenv", name, value))]
    command += ["--cap-drop", "ALL"]
    command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    command += _links()
    for path in [*where.libraries, where.python, *where.stdlib, *where.packages]:
        for parent in reversed(Path(path).parents[:-1]):  # what bwrap makes by itself is closed to a dropped uid
            command += ["--perms", "0755", "--dir", str(parent)]
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
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _links() -> Sequence[str]:
    """The links /lib -> usr/lib and the like, where this system has them."""
    links: list[str] = []
    for name in ("/lib", "/lib64", "/bin"):
        if os.path.islink(name):
            links += ["--symlink", os.readlink(name), name]
    return links
