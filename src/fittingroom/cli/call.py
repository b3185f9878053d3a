"""`fittingroom call`: one signed ChangeClothes request to a running server, the picture saved.

The API takes pictures by URL only, so this command does too: a path of this machine is refused with the ways out,
rather than being uploaded by some road that no other client has. Exit status: 0 saved, 1 the server refused or did
not answer, 2 wrong arguments. Invariant: FILE is written whole or not at all, and never holds anything but a picture.
"""

from __future__ import annotations

import base64
import binascii
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.types import ExistingFile

from fittingroom.client import ApiClient, CallFailed, CallRefused, Credential

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class _Usage(Exception):
    """Arguments that cannot make a request."""


@Parameter(name="*")
@dataclass(frozen=True)
class Access:
    """Which server, and with which key.

    Parameters
    ----------
    endpoint
        The server, as http://HOST:PORT or https://HOST:PORT.
    secret_id
        SecretId of the key, as `fittingroom keys create` printed it.
    secret_key
        SecretKey of the key. Prefer the environment: other users of a machine can see arguments.
    token
        Token of a temporary key.
    region
        Sent as X-TC-Region; this server accepts any and needs none.
    timeout
        Seconds to wait for the server.
    ca
        PEM file of the authority that signed an https server's certificate.
    """

    endpoint: Annotated[str, Parameter(env_var="FITTINGROOM_ENDPOINT")] = "http://127.0.0.1:8000"
    secret_id: Annotated[str, Parameter(env_var="TENCENTCLOUD_SECRET_ID", show_default=False)] = ""
    secret_key: Annotated[str, Parameter(env_var="TENCENTCLOUD_SECRET_KEY", show_default=False)] = ""
    token: Annotated[str, Parameter(env_var="TENCENTCLOUD_TOKEN", show_default=False)] = ""
    region: Annotated[str, Parameter(env_var="TENCENTCLOUD_REGION", show_default=False)] = ""
    timeout: float = 60.0
    ca: ExistingFile | None = None

    def client(self) -> ApiClient:
        """A client of that server. Raises `_Usage`."""
        if not self.secret_id or not self.secret_key:
            raise _Usage("a key is needed: --secret-id and --secret-key, or TENCENTCLOUD_SECRET_ID and _SECRET_KEY")
        key = Credential(self.secret_id, self.secret_key, self.token or None)
        try:
            return ApiClient(self.endpoint, key, timeout=self.timeout, ca=self.ca, region=self.region)
        except ValueError as error:
            raise _Usage(str(error)) from error


@Parameter(name="*")
@dataclass(frozen=True)
class Mark:
    """The visible mark.

    Parameters
    ----------
    logo_add
        LogoAdd: 0 draws no mark; the server's default is 1.
    logo_url
        URL of a mark of your own.
    logo_image
        File of a mark of your own, sent inside the request.
    logo_rect
        Where that mark goes, as X,Y,WIDTH,HEIGHT in pixels of the result.
    """

    logo_add: int | None = None
    logo_url: str | None = None
    logo_image: ExistingFile | None = None
    logo_rect: str | None = None

    def parameters(self) -> dict[str, object]:
        """LogoAdd and LogoParam, each only where asked for. Raises `_Usage`."""
        logo: dict[str, Any] = {}
        if self.logo_url is not None:
            logo["LogoUrl"] = _url(self.logo_url, "--logo-url")
        if self.logo_image is not None:
            logo["LogoImage"] = base64.b64encode(self.logo_image.read_bytes()).decode()
        if self.logo_rect is not None:
            if not logo:
                raise _Usage("--logo-rect needs --logo-url or --logo-image")
            logo["LogoRect"] = _rect(self.logo_rect)
        asked: dict[str, object] = {} if self.logo_add is None else {"LogoAdd": self.logo_add}
        return asked | ({"LogoParam": logo} if logo else {})


def call(
    person: str,
    garment: str,
    *,
    clothes_type: Annotated[Literal["Upper-body", "Lower-body", "Dress"], Parameter(name="--type")],
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    rsp: Literal["base64", "url"] = "base64",
    language: Literal["en-US", "zh-CN"] = "en-US",
    access: Access = Access(),
    mark: Mark = Mark(),
) -> int:
    """Dress the person of one URL in the garment of another, by a running server.

    Parameters
    ----------
    person
        URL of the person's photo (ModelUrl).
    garment
        URL of the garment's photo (ClothesUrl).
    clothes_type
        What kind of garment it is.
    out
        Where to save the picture.
    rsp
        RspImgType: the picture in the answer, or a URL that is then downloaded and printed.
    language
        Language of the default mark and of error messages.
    """
    try:
        pictures = {"ModelUrl": _url(person, "PERSON"), "ClothesUrl": _url(garment, "GARMENT")}
        parameters = {**pictures, "ClothesType": clothes_type, "RspImgType": rsp, **mark.parameters()}
        client = access.client()
    except _Usage as error:
        return _fail(2, str(error))
    return _run(client, parameters, language, out)


def _run(client: ApiClient, parameters: dict[str, object], language: str, out: Path) -> int:
    """Send, save, say what happened. Returns the exit status."""
    try:
        response = client.call("ChangeClothes", parameters, language=language)
        result = str(response.get("ResultImage") or "")
        picture = client.download(result) if parameters["RspImgType"] == "url" else _decode(result)
        if not picture.startswith(_PICTURES):
            raise CallFailed("the server's ResultImage is neither a JPEG nor a PNG picture")
    except CallRefused as error:
        return _fail(1, f"{error.code}: {error.message}\nRequestId: {error.request_id}")
    except CallFailed as error:
        return _fail(1, str(error))
    try:
        _save(out, picture)
    except OSError as error:
        return _fail(1, f"cannot write {out}: {error.strerror}")
    if parameters["RspImgType"] == "url":
        print(result)
    print(f"{out}: {len(picture)} bytes, RequestId {response['RequestId']}")
    return 0


def _url(text: str, name: str) -> str:
    if text.lower().startswith(("http://", "https://")):
        return text
    raise _Usage(
        f"{name} must be an http or https URL, because the API takes pictures by URL only. For a file of this "
        "machine use `fittingroom try`, or serve its folder (`python -m http.server --bind 127.0.0.1`) and start the "
        "server with `--allow-net 127.0.0.1/32`."
    )


def _rect(text: str) -> dict[str, int]:
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise _Usage("--logo-rect must be four whole numbers: X,Y,WIDTH,HEIGHT") from None
    return {"X": x, "Y": y, "Width": width, "Height": height}


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise CallFailed("the server's ResultImage is not base64") from error


def _save(out: Path, data: bytes) -> None:
    part = out.with_name(out.name + ".part")
    part.write_bytes(data)
    part.replace(out)


def _fail(status: int, message: str) -> int:
    print(message, file=sys.stderr)
    return status
