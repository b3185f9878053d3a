"""The actions of a statement: `aiart:ChangeClothes`, `name/aiart:*` in the older form, `*`.

A name that does not exist would make a deny that denies nothing, so names of the services served here are checked
against the published ones, in their exact case. Those of other services may stand in a policy brought from the cloud;
they never match here. Invariant: an accepted pattern of `aiart` or `sts` matches at least one published action.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fittingroom.accounts.cam.document import Node
from fittingroom.accounts.cam.globs import Glob
from fittingroom.accounts.cam.problems import guess, quoted

_AIART = (
    "ChangeClothes ChangeOutfit DescribeTemplateToImageJob GenerateAvatar ImageInpaintingRemoval ImageOutpainting "
    "ImageToImage QueryChangeClothesJob QueryChangeOutfitJob QueryDrawPortraitJob QueryGlamPicJob QueryMemeJob "
    "QueryTextToImageJob QueryTextToImageProJob QueryTrainPortraitModelJob RefineImage ReplaceBackground "
    "SketchToImage SubmitChangeClothesJob SubmitChangeOutfitJob SubmitDrawPortraitJob SubmitGlamPicJob "
    "SubmitMemeJob SubmitTemplateToImageJob SubmitTextToImageJob SubmitTextToImageProJob "
    "SubmitTrainPortraitModelJob TextToImage TextToImageLite TextToImageRapid UploadTrainPortraitImages"
)
_STS = "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetCallerIdentity GetFederationToken GetSessionToken"

PUBLISHED: Final = {
    "aiart": tuple(f"aiart:{name}" for name in _AIART.split()),
    "sts": tuple(f"sts:{name}" for name in _STS.split()),
}
"""Service -> its published actions, those that this server does not serve included, and this server's own."""

_FORM = re.compile(r"([A-Za-z0-9_*-]+):([A-Za-z0-9_*-]+)")
_SET = re.compile(r"(permid|permit|actionName)/")


@dataclass(frozen=True, slots=True)
class Actions:
    """Compiled: plain names in a set, the rest as patterns."""

    names: frozenset[str]
    globs: tuple[Glob, ...]

    def match(self, action: str) -> bool:
        """action: `service:Name`, as a request has it."""
        return action in self.names or any(glob.matches(action) for glob in self.globs)

    def names_aiart(self) -> bool:
        """Whether aiart is named, not only met by a star."""
        return any(text.startswith("aiart:") for text in (*self.names, *(glob.text for glob in self.globs)))


def read_actions(node: Node) -> Actions:
    """Raises `PolicyError`."""
    patterns = [_pattern(entry) for entry in node.texts()]
    names = frozenset(pattern for pattern in patterns if "*" not in pattern)
    return Actions(names, tuple(Glob(pattern) for pattern in dict.fromkeys(patterns) if "*" in pattern))


def _pattern(node: Node) -> str:
    text = node.text()
    if text == "*":
        return text
    if _SET.match(text):
        node.refuse(f"{quoted(text)} is a set of actions that only the cloud knows; name the actions themselves.")
    pattern = text.removeprefix("name/")
    form = _FORM.fullmatch(pattern)
    if form is None:
        known = (*PUBLISHED["aiart"], *PUBLISHED["sts"])
        node.refuse(
            f"{quoted(text)} is no action.{guess(pattern, known)} Write service:Name such as aiart:ChangeClothes, "
            "or *; a star stands for any characters, and there is no other wildcard."
        )
    _check_exists(node, pattern, form[1])
    return pattern


def _check_exists(node: Node, pattern: str, service: str) -> None:
    published = PUBLISHED.get(service)
    if published is None:
        hint = guess(service, PUBLISHED) if "*" not in service else ""
        if hint:
            node.refuse(f"{quoted(service)} is no service of this server.{hint}")
        return
    glob = Glob(pattern)
    if not any(glob.matches(name) for name in published):
        node.refuse(
            f"{service} has no action {quoted(pattern)}; upper and lower case matter.{guess(pattern, published)}"
        )
