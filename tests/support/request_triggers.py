"""How the codes that lie with the request's form are brought about; see `code_triggers`."""

from __future__ import annotations

from code_triggers import each
from code_world import Refused, World, common, raw, typed


@each("InvalidAction")
def _no_such_action(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, {}, action="ChangeShoes")


@each("InvalidParameter")
def _wrong_type(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(LogoAdd="1"))


@each("InvalidParameterValue")
def _malformed_region(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(), region="nowhere")


@each("InvalidRequest")
def _multipart(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(), options={"IsMultipart": True})


@each("MissingParameter")
def _nothing_sent(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ModelUrl=None))


@each("NoSuchProduct")
def _another_service(world: World, language: str) -> Refused:
    return common(world.place("tight"), language, world.parameters(), service="cvm")


@each("NoSuchVersion")
def _another_version(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(), version="2019-01-01")


@each("RequestSizeLimitExceeded")
def _too_long(world: World, language: str) -> Refused:
    method, size = {"en-US": ("POST", 11_000_000), "zh-CN": ("GET", 40_000)}[language]
    logo = {"LogoImage": "A" * size}
    return common(world.place("plain"), language, world.parameters(LogoParam=logo), method=method)


@each("ResourceNotFound")
def _another_path(world: World, language: str) -> Refused:
    return raw(world.place("plain"), language, "GET", "/v2/")


@each("ResourceInsufficient")
def _no_room(world: World, language: str) -> Refused:
    return typed(world.place("tight"), language, world.parameters(RspImgType="url"))


@each("UnknownParameter")
def _one_too_many(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(Style="x"))


@each("UnsupportedProtocol")
def _put(world: World, language: str) -> Refused:
    return raw(world.place("plain"), language, "PUT", "/")


@each("UnsupportedRegion")
def _region_not_served(world: World, language: str) -> Refused:
    return common(world.place("tight"), language, world.parameters(), region="ap-guangzhou")
