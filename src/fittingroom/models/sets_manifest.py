"""The list of sets of weights: many files of one or more repositories of a hub that one engine loads together.

It is data (`sets.toml` beside this module), as the manifest of single weights is, and serves the pull, the licences'
table, the list and the choice of an engine alike. Invariant: a repository that does not say that its licence allows
commercial use counts as one that does not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, field_validator, model_validator

from fittingroom.models.errors import ModelsError
from fittingroom.models.licences import checked, require_licence
from fittingroom.models.manifest import Entry, Sha256, Text

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Precision = Literal["bf16", "fp8", "8bit", "4bit", "offload"]


class Repository(Entry):
    """A repository of the hub and what is wanted of it.

    files: names or patterns (`*` stands for anything, slashes too); each must match at least one file. into: folder of
    the set in which they lie, "" for the set's own. needed: the engine does not work without. revision: the commit
    that is brought, or None where the first pull finds one and keeps it. sha256: of files whose bytes are known.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")]
    files: tuple[Text, ...] = Field(min_length=1)
    use: Text
    license: Text
    commercial: bool = False
    publisher: Text
    trained_on: Text
    into: str = ""
    needed: bool = True
    revision: Commit | None = None
    sha256: Mapping[str, Sha256] = Field(default_factory=dict)

    @field_validator("into")
    @classmethod
    def _plain_folder(cls, value: str) -> str:
        if value and (value != PurePosixPath(value).name or value.startswith(".")):
            raise ValueError("a plain folder name is needed")
        return value

    @model_validator(mode="after")
    def _licence_is_known(self) -> Repository:
        checked(self)
        return self

    def wants(self, path: str) -> bool:
        """Whether a file of the repository, by its path there, is part of the set."""
        return any(fnmatchcase(path, pattern) for pattern in self.files)

    def place(self, path: str) -> str:
        """Where that file lies in the set."""
        return f"{self.into}/{path}" if self.into else path

    def lacking(self, paths: frozenset[str]) -> tuple[str, ...]:
        """Patterns that none of the repository's `paths` matches."""
        return tuple(pattern for pattern in self.files if not any(fnmatchcase(path, pattern) for path in paths))


class WeightSet(Entry):
    """What one engine loads.

    weights: single ones of the manifest that it loads besides. download: bytes, about. memory: GB of the card that its
    work takes at batch 1, by how the networks are kept. seconds: of a picture at the engine's defaults, by card. basis:
    where both figures come from.
    """

    name: Text
    use: Text
    download: int = Field(gt=0)
    memory: Mapping[Precision, float]
    seconds: Mapping[str, float]
    basis: Text
    weights: tuple[Text, ...] = ()
    repositories: tuple[Repository, ...] = Field(min_length=1)

    @property
    def license(self) -> str:
        """All licences, each once."""
        return " and ".join(dict.fromkeys(repository.license for repository in self.repositories))

    @property
    def commercial(self) -> bool:
        """Whether every part may be used commercially."""
        return all(repository.commercial for repository in self.repositories)

    def require_licence(self, *, allow_noncommercial: bool) -> None:
        """Raises `LicenceRefused` where a part is not known to allow commercial use, unless that is allowed."""
        parts = [(part.id, part) for part in self.repositories]
        require_licence(self.name, parts, allow_noncommercial=allow_noncommercial)

    @property
    def pinned(self) -> bool:
        """Whether this list names every part's commit, so that all machines bring the same."""
        return all(repository.revision is not None for repository in self.repositories)


Sets = Mapping[str, WeightSet]


def read_sets(text: str) -> Sets:
    """Parse TOML. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError` where it is no such list."""
    entries = {name: {"name": name, **entry} for name, entry in tomllib.loads(text).items()}
    return TypeAdapter(dict[str, WeightSet]).validate_python(entries)


@cache
def all_sets() -> Sets:
    """The list that ships with the package."""
    return read_sets(files("fittingroom.models").joinpath("sets.toml").read_text(encoding="utf-8"))


def find_set(name: str, sets: Sets | None = None) -> WeightSet:
    """The set called `name`. Raises `ModelsError` that lists the known names."""
    known = all_sets() if sets is None else sets
    try:
        return known[name]
    except KeyError:
        raise ModelsError(f"No set of weights is called {name!r}. Known: {', '.join(known)}.") from None
