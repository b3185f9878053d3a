"""`make demo`: the main job on sample people or real photos, from an empty machine to pictures one can look at.

It starts a server of its own, makes an account and a key, and calls ChangeClothes through the vendor's official Python
SDK exactly as a customer would. A page is left as `demo/index.html`, its pictures and a contact sheet in `demo/out`;
everything else (server, account, data directory, prepared copies of the user's own photos) is gone at the end. Exit
code 0 means that every call gave a picture.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from page import Shown, render
from PIL import Image
from servers import DemoError, fitting_room, new_key, serving_photos
from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from fittingroom.sheets import Row, contact_sheet
from samples import Case, prepare, sample_cases

OUT = Path(__file__).parent / "out"
PAGE = Path(__file__).parent / "index.html"
TYPES = ("Upper-body", "Lower-body", "Dress")

HOW_TO_CALL = """\
.venv/bin/fittingroom accounts create shop
.venv/bin/fittingroom keys create shop   # prints SecretId and SecretKey
.venv/bin/fittingroom serve --port 8000

# Python, the official SDK (pip install tencentcloud-sdk-python-intl-en)
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint="127.0.0.1:8000"))
client = AiartClient(Credential(SecretId, SecretKey), "ap-singapore", profile)

# tccli
tccli aiart ChangeClothes --endpoint http://127.0.0.1:8000 --region ap-singapore --secretId ID --secretKey KEY \\
  --ModelUrl https://.../person.jpg --ClothesUrl https://.../shirt.jpg --ClothesType Upper-body
"""


def main() -> int:
    """Run the demo. Returns the exit code."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    arguments = _arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="fittingroom-demo-") as data_dir:
            cases = _cases(arguments, Path(data_dir))
            shown = _dress(cases, Path(data_dir))
    except (DemoError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    PAGE.write_text(render(shown, f"{OUT.name}/", HOW_TO_CALL), encoding="utf-8")
    made = [case for case in shown if case.result]
    if made:
        rows = [_row(case) for case in made]
        contact_sheet(rows).save(OUT / "sheet.jpg", quality=90)
        print(f"\n{len(made)} of {len(shown)} pictures are in {OUT}\n  all of them:  {OUT / 'sheet.jpg'}")
    print(f"  page:         {PAGE}\n\nCall it from your own client:\n\n{HOW_TO_CALL}")
    return 0 if len(made) == len(shown) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Dress sample people, or your own photos, through a local server.")
    parser.add_argument("--person", type=Path, help="a photo of yours instead of the sample people")
    parser.add_argument("--garment", type=Path, help="a photo of yours instead of the sample garments")
    parser.add_argument("--type", choices=TYPES, help="what kind of garment --garment is (default Upper-body)")
    arguments = parser.parse_args()
    if arguments.type and not arguments.garment:
        parser.error("--type says what kind of garment --garment is: give both")
    return arguments


def _cases(arguments: argparse.Namespace, folder: Path) -> list[Case]:
    """The samples, with the user's own in their place where given; those are prepared in `folder`."""
    person = prepare(arguments.person, folder / "person.jpg") if arguments.person else None
    garment = prepare(arguments.garment, folder / "garment.jpg") if arguments.garment else None
    kind = arguments.type or "Upper-body"
    if person and garment:
        return [Case(person, garment, kind)]
    samples = sample_cases()
    if person:
        garments = {case.garment: case.clothes_type for case in samples}
        return [Case(person, path, clothes_type) for path, clothes_type in garments.items()]
    if garment:
        return [Case(path, garment, kind) for path in dict.fromkeys(case.person for case in samples)]
    return samples


def _dress(cases: list[Case], data_dir: Path) -> list[Shown]:
    """Start the server, call it for every case, stop it."""
    PAGE.unlink(missing_ok=True)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    photos = {path.name: path.read_bytes() for case in cases for path in (case.person, case.garment)}
    for name, data in photos.items():
        (OUT / name).write_bytes(data)
    key = new_key(data_dir)
    with (
        serving_photos({f"/{name}": data for name, data in photos.items()}) as address,
        fitting_room(data_dir) as endpoint,
    ):
        client = _client(endpoint, *key)
        print(f"Server ready at http://{endpoint}; calling ChangeClothes {len(cases)} times with the official SDK:")
        return [_call(client, case, address) for case in cases]


def _client(endpoint: str, secret_id: str, secret_key: str) -> aiart_client.AiartClient:
    direct = f"127.0.0.1,{endpoint}"
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = direct
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint, reqTimeout=180))
    return aiart_client.AiartClient(credential.Credential(secret_id, secret_key), "ap-singapore", profile)


def _call(client: aiart_client.AiartClient, case: Case, address: str) -> Shown:
    request = models.ChangeClothesRequest()
    request.ModelUrl = f"{address}/{case.person.name}"
    request.ClothesUrl = f"{address}/{case.garment.name}"
    request.ClothesType = case.clothes_type
    started = time.monotonic()
    result: str | None = None
    try:
        response = client.ChangeClothes(request)
    except TencentCloudSDKException as error:
        message = f"{error.code}: {error.message}"
    else:
        result = f"{case.name}.jpg"
        (OUT / result).write_bytes(base64.b64decode(response.ResultImage))
        message = f"RequestId {response.RequestId}"
    seconds = time.monotonic() - started
    line = f"  {case.person.stem} in {case.garment.stem} ({case.clothes_type}): {seconds:.1f} s, {result or message}"
    print(line, flush=True)
    return Shown(case.person.name, case.garment.name, result, case.clothes_type, seconds, message)


def _row(case: Shown) -> Row:
    files = (case.person, case.garment, str(case.result))
    return Row(
        tuple(np.asarray(Image.open(OUT / file).convert("RGB")) for file in files),
        (f"{case.clothes_type}, {case.seconds:.1f} s",),
    )


if __name__ == "__main__":
    sys.exit(main())
