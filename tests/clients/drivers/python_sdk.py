"""Drives the official Python SDK, domestic or international, as its user would: one JSON request per line on stdin,
one JSON answer per line on stdout. It runs in the SDK's own environment, so it imports nothing of this project.
"""

import asyncio
import json
import sys
import time
import traceback

from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile


def profile(case):
    http = HttpProfile(protocol=case["scheme"], endpoint=case["endpoint"], reqMethod=case["method"])
    http.reqTimeout = case["timeout"]
    if case.get("ca"):
        http.certification = case["ca"]
    if case.get("apigw"):
        http.endpoint, http.apigw_endpoint = case["apigw"], case["endpoint"]
    made = ClientProfile(signMethod=case["sign"], httpProfile=http)
    made.language = case["language"]
    made.unsignedPayload = case.get("unsigned", False)
    return made


def request(case):
    made = models.ChangeClothesRequest()
    made.from_json_string(json.dumps(case["params"]))
    if case.get("trace"):
        made.headers = {"X-TC-TraceId": case["trace"]}
    return made


def answer(response):
    return json.loads(response.to_json_string())


def by_sync(case, key):
    client = aiart_client.AiartClient(key, case["region"], profile(case))
    return answer(client.ChangeClothes(request(case)))


def by_async(case, key):
    from tencentcloud.aiart.v20221229.aiart_client_async import AiartClient

    async def go():
        async with AiartClient(key, case["region"], profile(case)) as client:
            return answer(await client.ChangeClothes(request(case)))

    return asyncio.run(go())


def by_common(case, key):
    product, version = ("sts", "2018-08-13") if case.get("product") == "sts" else ("aiart", "2022-12-29")
    client = CommonClient(product, version, key, case["region"], profile(case))
    return client.call_json(case["action"], case["params"], options=case.get("options"))["Response"]


def by_common_async(case, key):
    from tencentcloud.common.common_client_async import CommonClient as AsyncCommonClient

    async def go():
        async with AsyncCommonClient("aiart", "2022-12-29", key, case["region"], profile(case)) as client:
            return (await client.call_and_deserialize(case["action"], case["params"]))["Response"]

    return asyncio.run(go())


def by_sts(case, key):
    from tencentcloud.sts.v20180813 import models as sts_models
    from tencentcloud.sts.v20180813 import sts_client

    made = getattr(sts_models, case["action"] + "Request")()
    made.from_json_string(json.dumps(case["params"]))
    client = sts_client.StsClient(key, case["region"], profile(case))
    return answer(getattr(client, case["action"])(made))


def by_refreshed(case, key):
    """Two pictures with one credential, and which SecretId each was signed with."""
    used = []
    for seconds in (0, case["pause"]):
        time.sleep(seconds)
        last = by_sync(case, key)
        used.append(key.secretId)
    return {**last, "used": used}


WAYS = {
    "sync": by_sync,
    "async": by_async,
    "common": by_common,
    "common-async": by_common_async,
    "sts": by_sts,
    "refreshed": by_refreshed,
}


def key_of(case):
    """A pair, with its token where it has one; or the SDK's own helper, which takes a role with the pair."""
    role = case.get("assume")
    if role is None:
        return credential.Credential(case["id"], case["key"], case.get("token"))
    return credential.STSAssumeRoleCredential(
        case["id"], case["key"], role["arn"], role["session"], role["seconds"], endpoint=role["endpoint"]
    )


def run(case):
    try:
        key = key_of(case)
        return {"ok": WAYS[case["client"]](case, key)}
    except TencentCloudSDKException as error:
        said = {"code": error.get_code(), "message": error.get_message(), "request_id": error.get_request_id()}
        return {"error": {"type": type(error).__name__, **said}}
    except Exception:
        return {"crash": traceback.format_exc()}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
