"""The engine's networks with their answers kept on disk, so that a change of geometry is looked at in a second.

An answer is filed under the networks' code, the weights' digests, the question and the picture: whatever changes,
asks anew. Only for evaluations: a server must not keep what it saw. Invariant: probabilities are rounded to half
precision before they are handed out, also the first time, so that a figure does not depend on the cache being warm.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fittingroom.engines.drape import nets as module
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.drape.slim import published_cuts
from fittingroom.models import all_weights

ALONE = "answer"
CLASS = "class"
"""Names of arrays: of a plain answer, and of a dataclass's name."""


class CachedNets:
    """Stands for `Nets`. folder: of the cache. load: makes the networks, called when the first answer is missing."""

    def __init__(self, folder: Path, load: Callable[[], Nets]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._load = load
        self._nets: Nets | None = None
        digests = sorted(weight.sha256 for weight in all_weights().values())
        digests += [hashlib.sha256(values.tobytes()).hexdigest() for values in published_cuts().values()]
        self._version = hashlib.sha256("".join([inspect.getsource(module), *digests]).encode()).hexdigest()

    def __getattr__(self, name: str) -> Any:
        """A method of `Nets` that remembers. Raises AttributeError for a name that `Nets` has not."""
        if name.startswith("_") or not callable(getattr(Nets, name, None)):
            raise AttributeError(f"Nets has no method {name}")
        return lambda *args, **kwargs: self._answer(name, args, kwargs)

    def _answer(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        path = self._folder / f"{name}-{self._key(name, args, kwargs)}.npz"
        if path.exists():
            return _read(path)
        if self._nets is None:
            self._nets = self._load()
        _write(path, getattr(self._nets, name)(*args, **kwargs))
        return _read(path)

    def _key(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        key = hashlib.sha256(f"{self._version}/{name}".encode())
        for label, value in [*enumerate(args), *sorted(kwargs.items())]:
            if isinstance(value, np.ndarray):
                key.update(f"/{label}={value.dtype}{value.shape}".encode())
                key.update(np.ascontiguousarray(value).data)
            else:
                key.update(f"/{label}={value!r}".encode())
        return key.hexdigest()[:40]


def _write(path: Path, answer: Any) -> None:
    if answer is None:
        arrays = {}
    elif isinstance(answer, np.ndarray):
        arrays = {ALONE: _half(answer)}
    elif is_dataclass(answer):
        arrays = {field.name: _half(getattr(answer, field.name)) for field in fields(answer)}
        arrays[CLASS] = np.array(type(answer).__name__)
    else:
        raise TypeError(f"an answer of type {type(answer).__name__} cannot be kept")
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    part.replace(path)


def _half(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Maps as float16; coordinates, which half precision would move by a pixel, as they are."""
    return array.astype(np.float16) if array.dtype == np.float32 and array.size > 1000 else array


def _read(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    whole = {n: a.astype(np.float32) if a.dtype == np.float16 else a for n, a in arrays.items()}
    if not whole:
        return None
    if ALONE in whole:
        return whole[ALONE]
    return getattr(module, str(whole.pop(CLASS)))(**whole)
