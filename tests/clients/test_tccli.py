"""The official command line tool over plain http, by the one road it has: a full URL as `--endpoint`."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from answers import MAGENTA, decoded, near, succeeded
from client_environments import python_environment


@pytest.fixture(scope="module")
def tccli(world, tmp_path_factory):
    """Runs `tccli aiart ChangeClothes`, or another `action`, with these words; the finished process."""
    home = tmp_path_factory.mktemp("home")
    program = python_environment("tccli") / "tccli"
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    variables = {
        **inherited,
        "HOME": str(home),
        "TENCENTCLOUD_SECRET_ID": world.key.secret_id,
        "TENCENTCLOUD_SECRET_KEY": world.key.secret_key,
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }

    def run(
        *words: object, action: tuple[str, str] = ("aiart", "ChangeClothes"), **changed: str
    ) -> subprocess.CompletedProcess[str]:
        command = [program, *action, "--endpoint", world.server.url, *map(str, words)]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=60, env={**variables, **changed}
        )

    return run


def words(world, **changes):
    return [part for name, value in world.parameters(**changes).items() for part in (f"--{name}", str(value))]


def answer(done):
    assert done.returncode == 0, done.stderr
    return {"ok": json.loads(done.stdout)}


def test_a_picture_with_the_callers_own_mark(tccli, world):
    mark = {"LogoUrl": world.pictures["logo"], "LogoRect": {"X": 0, "Y": 0, "Width": 80, "Height": 40}}
    image = decoded(answer(tccli(*words(world, LogoAdd=1), "--LogoParam", json.dumps(mark))))
    assert near(image, (20, 20), MAGENTA)


def test_unfolded_arguments_and_a_picture_by_url(tccli, world):
    rect = ["--LogoParam.LogoRect.X", 10, "--LogoParam.LogoUrl", world.pictures["logo"]]
    done = tccli("--cli-unfold-argument", *words(world, LogoAdd=1, RspImgType="url"), *rect)
    assert succeeded(answer(done)).startswith(f"{world.server.url}/results/")


@pytest.mark.parametrize(
    ("changes", "variables", "code"),
    [
        ({"ClothesType": "Hat"}, {}, "InvalidParameterValue.ParameterValueError"),
        ({}, {"TENCENTCLOUD_SECRET_KEY": "x" * 32}, "AuthFailure.SignatureFailure"),
    ],
)
def test_an_error_has_code_message_and_id_and_a_status(tccli, world, changes, variables, code):
    done = tccli(*words(world, **changes), **variables)
    assert done.returncode == 255
    told = re.search(r"\[TencentCloudSDKException\] code:(\S+) message:(.+) requestId:([0-9a-f-]{36})", done.stderr)
    assert told, done.stderr
    assert told[1] == code
    assert done.stdout.strip() == ""


def test_a_temporary_key_by_sts(tccli, world):
    """`Policy` as people write it on a command line: plain JSON."""
    rule = {"effect": "allow", "action": "aiart:ChangeClothes", "resource": "*"}
    policy = json.dumps({"version": "2.0", "statement": [rule]})
    made = answer(tccli("--Name", "floor", "--Policy", policy, action=("sts", "GetFederationToken")))["ok"][
        "Credentials"
    ]
    key = {
        "TENCENTCLOUD_SECRET_ID": made["TmpSecretId"],
        "TENCENTCLOUD_SECRET_KEY": made["TmpSecretKey"],
        "TENCENTCLOUD_TOKEN": made["Token"],
    }
    identity = answer(tccli(action=("sts", "GetCallerIdentity"), **key))["ok"]
    assert identity["UserId"] == f"{identity['AccountId']}:floor"
    decoded(answer(tccli(*words(world), **key)))
