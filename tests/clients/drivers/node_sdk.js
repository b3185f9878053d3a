/* Drives the official Node SDK as its user would: one JSON request per line on stdin, one JSON answer per line on
   stdout. It is started in the npm project that holds the SDK (domestic or international). */
"use strict";
const { createRequire } = require("module");
const load = createRequire(process.cwd() + "/");

function domestic(sdk, test) {
  const { CommonClient } = load("tencentcloud-sdk-nodejs/tencentcloud/common/common_client");
  const { STSCredential } = load("tencentcloud-sdk-nodejs/tencentcloud/common/credential");
  const pair = { secretId: test.id, secretKey: test.key, token: test.token || undefined };
  const config = {
    credential: pair,
    region: test.region,
    profile: {
      signMethod: test.sign || undefined,
      language: test.language || undefined,
      httpProfile: {
        endpoint: test.endpoint,
        protocol: test.scheme + "://",
        reqMethod: test.method,
        reqTimeout: test.timeout,
      },
    },
  };
  if (test.assume) {
    const { arn, session, seconds } = test.assume;
    const wanted = { RoleArn: arn, RoleSessionName: session, DurationSeconds: seconds };
    config.credential = new STSCredential({ credential: pair, profile: config.profile }, wanted);
    config.credential.endpoint = test.assume.endpoint;
  }
  if (test.client === "sts") return new sdk.sts.v20180813.Client(config)[test.action](test.params);
  if (test.client === "common") {
    const client = new CommonClient(test.endpoint, "2022-12-29", config);
    return client.request(test.action, test.params);
  }
  return new sdk.aiart.v20221229.Client(config).ChangeClothes(test.params);
}

function international(sdk, test) {
  const { Credential, HttpProfile, ClientProfile, CommonClient } = sdk.common;
  const http = new HttpProfile();
  http.endpoint = test.endpoint;
  http.protocol = test.scheme + "://";
  http.reqMethod = test.method;
  http.reqTimeout = test.timeout;
  const profile = new ClientProfile();
  if (test.sign) profile.signMethod = test.sign;
  profile.httpProfile = http;
  const key = new Credential(test.id, test.key, test.token || undefined);
  if (test.client === "sts") {
    const { Client, Models } = sdk.sts.v20180813;
    const request = new Models[test.action + "Request"]();
    request.from_json_string(JSON.stringify(test.params));
    const client = new Client(key, test.region || undefined, profile);
    return new Promise((resolve, reject) =>
      client[test.action](request, (error, data) => (error ? reject(error) : resolve(data)))
    );
  }
  const client = new CommonClient(test.endpoint, "2022-12-29", key, test.region || undefined, profile);
  return new Promise((resolve, reject) =>
    client.request(test.action, test.params, (error, data) => (error ? reject(error) : resolve(data)))
  );
}

async function run(sdk, way, test) {
  try {
    return { ok: await way(sdk, test) };
  } catch (error) {
    if (error.code === undefined && !error.requestId) return { crash: String(error.stack) };
    return {
      error: {
        type: error.constructor.name,
        code: error.code,
        message: error.message,
        request_id: error.requestId,
        trace_id: error.traceId,
      },
    };
  }
}

async function main() {
  const name = process.argv[2];
  const sdk = load(name);
  const way = name.includes("intl") ? international : domestic;
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await run(sdk, way, JSON.parse(line))) + "\n");
  }
}

main();
