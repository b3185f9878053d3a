"""Settings of what is kept for callers: results, and the object store that they may lie in.

Invariant: as of all settings, see `settings`; besides, what S3 would refuse to sign is refused here.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from fittingroom.setting_types import MIB, Count, Seconds, Section, web_address

MAX_PRESIGNED = 7 * 24 * 3600
"""Seconds that S3 lets a presigned URL live."""


def _bucket_url(value: str) -> str:
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?", value):
        raise ValueError("must be `s3://bucket` or `s3://bucket/prefix`")
    return value.rstrip("/")


class ObjectSettings(Section):
    """The S3 or compatible object store (Tencent COS, Ceph, MinIO) of everything that is given an `s3://` URL."""

    endpoint: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None,
        description="URL of the store, without the bucket; default: AWS_ENDPOINT_URL, or Amazon S3 of the region.",
    )
    public_endpoint: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None, description="The same as callers reach it, for the URLs of results; default: `objects.endpoint`."
    )
    path_style: bool = Field(
        default=True, description="Name the bucket in the path of URLs, not in the host; Tencent COS needs `false`."
    )
    region: str | None = Field(default=None, min_length=1, description="Region; default: AWS_REGION, or us-east-1.")
    access_key_id: SecretStr | None = Field(
        default=None, description="Access key; default: AWS_ACCESS_KEY_ID, or the role of the machine."
    )
    secret_access_key: SecretStr | None = Field(default=None, description="Secret of `objects.access_key_id`.")
    timeout: Seconds = Field(
        default=10.0,
        description="Seconds for one object, retries included; a tenth of it for one connection, at least 1.",
    )

    @model_validator(mode="after")
    def _key_pair(self) -> ObjectSettings:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key belong together: give both or neither")
        return self


class ResultSettings(Section):
    """Where results asked for by URL live, and for how long."""

    url: Annotated[str, AfterValidator(_bucket_url)] | None = Field(
        default=None,
        description="`s3://bucket/prefix` in which several gateways keep results (`objects.*` says where and with what "
        "key); default: on this machine's disk.",
    )
    lifetime: Count = Field(default=3600, description="Seconds that a result's URL is valid.")
    sweep_interval: Seconds = Field(default=60.0, description="Seconds between sweeps of expired results.")
    public_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None, description="Base of result URLs on this machine; default: what the caller connected to."
    )
    max_total_bytes: Count = Field(
        default=20 * 1024 * MIB, description="Bytes that all results on this machine's disk may take."
    )
    signing_key: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="Key of result URLs on this machine; default: made in the data directory."
    )

    @model_validator(mode="after")
    def _presignable(self) -> ResultSettings:
        if self.url is not None and self.lifetime > MAX_PRESIGNED:
            raise ValueError(f"lifetime must be at most {MAX_PRESIGNED} (a week) with url")
        return self
