"""Drives the official Python SDK, domestic or international, as its user would: one JSON request per line on stdin,
one JSON answer per line on stdout. It runs in the SDK's own environment, so it imports nothing of this project.
"""

import asyncio
import json
import sys
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
    client = CommonClient("aiart", "2022-12-29", key, case["region"], profile(case))
    return client.call_json(case["action"], case["params"], options=case.get("options"))["Response"]


def by_common_async(case, key):
    from tencentcloud.common.common_client_async import CommonClient as AsyncCommonClient

    async def go():
        async with AsyncCommonClient("aiart", "2022-12-29", key, case["region"], profile(case)) as client:
            return (await client.call_and_deserialize(case["action"], case["params"]))["Response"]

    return asyncio.run(go())


WAYS = {"sync": by_sync, "async": by_async, "common": by_common, "common-async": by_common_async}


def run(case):
    key = credential.Credential(case["id"], case["key"], case.get("token"))
    try:
        return {"ok": WAYS[case["client"]](case, key)}
    except TencentCloudSDKException as error:
        said = {"code": error.get_code(), "message": error.get_message(), "request_id": error.get_request_id()}
        return {"error": {"type": type(error).__name__, **said}}
    except Exception:
        return {"crash": traceback.format_exc()}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
