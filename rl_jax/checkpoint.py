"""Arrays and a header in one file, written as a whole or not at all, and read back likewise.

It knows nothing of trainings. There is no pickle in it: reading a foreign file runs no code.

This module is for the package's own use: no notebook needs it.
"""

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rl_jax import validate

HEADER = "header"


def save(path: str | os.PathLike, arrays: Mapping[str, np.ndarray], header: Any) -> None:
    """Write the whole file beside the old one, then swap them: a crash leaves the old one.

    Args:
        path: where; a file that is there is replaced.
        arrays: what `numpy.savez` takes, under names of their own.
        header: what `json` takes.

    Raises:
        OSError: if it cannot be written, on a full disk for example. The old file is untouched.
        TypeError: if `json` cannot write the header.
        ValueError: if an array has a name that is not free, or holds what `load` could not give
            back: Python's objects, or numbers that NumPy itself does not know.
    """
    words = np.array(json.dumps(header))
    for name, array in arrays.items():
        dtype = np.asarray(array).dtype
        is_foreign = dtype.kind == "V" and dtype.type is not np.void  # bfloat16, for example
        if dtype.hasobject or dtype.kind == "T" or is_foreign:
            raise ValueError(
                f"an array must hold what NumPy can write and read back, but {name} is {dtype}. "
                "Likely fix: .astype(np.float32) for numbers, str for text."
            )
    taken = {HEADER, "file", "allow_pickle"} & set(arrays)  # the last two are `numpy.savez`'s own
    taken |= {name for name in arrays if name.endswith(".npy")}  # it adds this itself
    if taken:
        raise ValueError(f"an array must have another name than {', '.join(sorted(taken))}.")
    unfinished = _unfinished(path)
    try:
        with _removed_on_any_error(unfinished):
            with open(unfinished, "wb") as file:
                np.savez(file, **arrays, **{HEADER: words})
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(OSError):  # there is none yet, or a disk knows no permissions
                shutil.copymode(path, unfinished)  # whoever may read it may go on doing so
            os.replace(unfinished, path)
    except OSError as error:
        why = error.strerror or error
        raise OSError(
            error.errno,
            f"the checkpoint cannot be written ({why}), and what was there before is untouched. "
            "Likely fix: make room, or name a file in another folder",
            str(path),
        ) from error


def load(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], Any]:
    """(arrays, header) of a file that `save` has written; all of it is read before it returns.

    Args:
        path: where.

    Raises:
        MemoryError: if the machine has no room for it.
        OSError: if it cannot be opened or read.
        ValueError: if it is damaged, or not a file that `save` wrote. It is left as it is.
    """
    with _opened(path) as archive:
        arrays = dict(archive)
        return arrays, json.loads(str(arrays.pop(HEADER)))


def load_header(path: str | os.PathLike) -> Any:
    """The header of a file that `save` has written, without reading the rest.

    Args:
        path: where.

    Raises:
        OSError: if it cannot be opened or read.
        ValueError: if the header is damaged, or this is not a file that `save` wrote.
    """
    with _opened(path) as archive:
        return json.loads(str(archive[HEADER]))


@contextlib.contextmanager
def _opened(path: str | os.PathLike) -> Iterator[Mapping[str, np.ndarray]]:
    """The arrays of a file, each read when it is asked for."""
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                yield archive
        except (MemoryError, OSError):  # which says nothing of the file
            raise
        except Exception as error:  # zipfile, zlib, struct, json and NumPy each have their own
            why = f"{type(error).__name__}: {error}"
            if "pickle" in why:  # NumPy takes all that it does not know for one
                why = "it is not made of arrays"
            raise ValueError(
                f"{path} is no checkpoint of this package, or damaged ({why}). It is left as it "
                "is. Likely fix: another file, or move this one away."
            ) from error


def check_place(path: str | os.PathLike) -> Path:
    """The path, if a file can be written there; tried by writing an empty one beside it.

    Args:
        path: where a checkpoint is to go. "~" is the home folder; a link is followed.

    Returns:
        The same place, absolute: it stays there if the working folder changes.

    Raises:
        OSError: if the folder is missing or cannot be written to, or the path is a folder.
        TypeError: if it is not a path.
        ValueError: if there can be no such path: a null byte in it, the home of nobody.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint must be a file's path, but it is {validate.short(path)}.")
    try:
        place = Path(os.path.realpath(Path(path).expanduser()))
    except (RuntimeError, ValueError) as error:
        raise ValueError(
            f"checkpoint must be a file's path, but {str(path)!r} cannot be one: {error}"
        ) from error
    if os.path.isdir(place):
        raise IsADirectoryError(
            f"checkpoint must be a file, but {place} is a folder. Likely fix: {place / 'run.npz'}."
        )
    if not os.path.isdir(place.parent):
        raise FileNotFoundError(
            f"checkpoint must lie in a folder that exists, but there is no {place.parent}. "
            "Likely fix: Path(...).mkdir(parents=True) first."
        )
    trial = _unfinished(place)
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        why = f"{place} cannot be written ({error.strerror})"
        raise OSError(  # of its own kind: PermissionError, for example
            error.errno,
            f"checkpoint must be a file that can be written, but {why}. Likely fix: another "
            "folder, or another name.",
        ) from error
    return place


def _unfinished(path: str | os.PathLike) -> Path:
    """A file beside it that is nobody else's: no other process's or thread's, nor the user's own.

    A `kill -9` in the middle of a save may leave it there; it can be removed.
    """
    return Path(f"{path}.{os.getpid()}.{threading.get_ident()}.tmp")


@contextlib.contextmanager
def _removed_on_any_error(file: Path) -> Iterator[None]:
    """Ctrl-C is one, too."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            file.unlink()
        raise
