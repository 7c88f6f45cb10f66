"""downloads: finds and fetches files of real data. The tasks read them.

Files are looked for in the folder that `ADRS_DATA` names, then in the platform's user data folder; they are fetched into
`ADRS_DATA` if it is set, else into the user data folder. Nothing is fetched without a user's command, or without a checksum.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_data_dir

from adrs.core.failure import Refusal
from adrs.core.task import Source

Progress = Callable[[int, int], None]
"""Called with (bytes so far, bytes in all) while a file comes in."""

RETRIES = 2


def github(repository: str, commit: str, path: str) -> str:
    """The address of a file of a public repository at a commit."""
    return f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"


def folder() -> Path:
    """The folder of fetched files: `ADRS_DATA`, or the platform's user data folder."""
    return Path(os.environ.get("ADRS_DATA") or user_data_dir("adrs")).expanduser()


def locate(task: str, filename: str, pack: str = "") -> Path | None:
    """The path of a file of a task, or None if it is missing.

    Args:
        pack: name of another folder that may contain the file.
    """
    for base in dict.fromkeys((folder(), Path(user_data_dir("adrs")))):
        for inside in dict.fromkeys((task, pack, "")):
            if (path := base / inside / filename).is_file():
                return path
    return None


def missing(task: str, filename: str) -> Refusal:
    """The refusal when a task's file of real data is missing."""
    return Refusal(
        f"data=real needs {filename}, which is not in {folder()}: run `adrs data fetch {task}`, "
        f"or set ADRS_DATA to the folder that holds it"
    )


def wrong_content(task: str, path: Path, things: str) -> Refusal:
    """The refusal of a file that does not hold the expected `things`."""
    return Refusal(f"{path} does not hold the expected {things}: delete it and run `adrs data fetch {task}`")


def fetch(task: str, source: Source, progress: Progress | None = None) -> Path:
    """Fetch one file unless it is there with the right checksum; a damaged file is replaced.

    Args:
        task: the task that it belongs to; files lie in a folder of that name.

    Returns:
        Its path.

    Raises:
        Refusal: pooch is not installed, the file could not be fetched, or has another checksum. Nothing is left
            behind then.
    """
    try:
        import pooch
    except ImportError:
        raise Refusal("fetching data needs the package pooch: pip install 'adrs[data]'") from None
    if not source.checksum:
        raise Refusal(f"{source.name} has no checksum, so it is not fetched: give its Source a SHA-256")
    target = folder() / task
    pooch.get_logger().setLevel("ERROR")
    store = pooch.create(
        path=target,
        base_url="",
        registry={source.name: source.checksum},
        urls={source.name: source.url},
        retry_if_failed=RETRIES,
    )
    bar = _Bar(progress, source.size) if progress else False
    try:
        return Path(store.fetch(source.name, downloader=pooch.HTTPDownloader(progressbar=bar)))
    except ValueError:  # pooch raises it for a wrong checksum
        raise Refusal(
            f"{source.url} does not give the expected {source.name} (checksum {source.checksum[:19]}…): "
            f"try again later, or put a good copy into {target}"
        ) from None
    except OSError as error:  # requests' errors are OSErrors too
        raise Refusal(
            f"{source.name} could not be fetched from {source.url} ({type(error).__name__}): "
            f"check the network, or put a copy into {target}"
        ) from error


class _Bar:
    """A progress callback in the shape that pooch expects of a progress bar."""

    def __init__(self, progress: Progress, size: int) -> None:
        self.total = size
        self._progress = progress
        self._done = 0

    def update(self, count: int) -> None:
        self._done = min(self._done + count, self.total)
        self._progress(self._done, self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        pass
