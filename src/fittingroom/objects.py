"""Object stores: from an `s3://` URL and the settings `objects.*` to a bucket that can be read and written.

The library is obstore, imported only when somebody has chosen such a URL. Every request has a time limit that includes
its retries, so a store that is down is known within seconds. Invariant: whatever goes wrong comes out as one
`ObjectsError`, whose message holds the store's own code but no key, no signature and no object's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from fittingroom.setting_stores import ObjectSettings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Store

RETRIES: Final = 2
_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w{1,64})</Code>")
_TAIL: Final = re.compile(r" - (.{1,200})$")
_KIND: Final = re.compile(r"\bkind: (\w{1,32})")


class ObjectsError(Exception):
    """The object store did not do what it was asked; the message is for the operator."""


def open_bucket(url: str, settings: ObjectSettings, *, public: bool = False) -> S3Store:
    """The bucket of `s3://bucket/prefix`; paths in it are below the prefix. Nothing is asked of it yet.

    public: at the endpoint that callers see, to sign URLs for them. Raises `ObjectsError` where the extra `s3` is not
    installed or the settings do not fit together.
    """
    try:
        from obstore.exceptions import BaseError  # noqa: PLC0415
        from obstore.store import S3Store  # noqa: PLC0415
    except ImportError as error:
        raise ObjectsError(
            "an s3:// URL is set, but the package obstore is missing: pip install 'fittingroom[s3]'"
        ) from error
    parts = urlsplit(url)
    endpoint = (settings.public_endpoint if public else None) or settings.endpoint
    try:
        return S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=_config(parts.netloc, endpoint, settings),
            client_options=_client(endpoint, settings.timeout),
            retry_config=_retries(settings.timeout),
        )
    except (BaseError, ValueError) as error:
        raise ObjectsError(f"the object store of {url} cannot be opened: {summary(error)}") from None


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Around questions to a bucket: what obstore raises becomes `ObjectsError`. doing: such as `storing a result`."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - whoever asks a bucket has obstore

    try:
        yield
    except (BaseError, OSError) as error:
        # Not chained: the original quotes the store's answer, and with it pieces of signatures.
        raise ObjectsError(f"{doing} failed: {summary(error)}") from None


def summary(error: BaseException) -> str:
    """What went wrong in a few words: kind, HTTP status and the store's own code.

    obstore's message is a page that names the object and quotes the whole answer; of that only what helps is taken.
    """
    text = str(error)
    words = [type(error).__name__]
    status, code = _STATUS.search(text), _CODE.search(text)
    if status:
        words.append(f"HTTP {status[1]}")
    if code:
        words.append(code[1])
    if not status:
        tail, kind = _TAIL.search(text.partition("\n")[0]), _KIND.search(text)
        words += [found[1] for found in (tail, kind) if found]
    return ", ".join(words)


def _config(bucket: str, endpoint: str | None, settings: ObjectSettings) -> S3Config:
    """What is not set is left to obstore, which looks at the environment as the AWS tools do."""
    config: S3Config = {"virtual_hosted_style_request": not settings.path_style}
    if endpoint is not None:
        config["endpoint"] = endpoint.rstrip("/") if settings.path_style else _with_bucket(bucket, endpoint)
    if settings.region is not None:
        config["region"] = settings.region
    if settings.access_key_id is not None and settings.secret_access_key is not None:
        config["access_key_id"] = settings.access_key_id.get_secret_value()
        config["secret_access_key"] = settings.secret_access_key.get_secret_value()
    return config


def _with_bucket(bucket: str, endpoint: str) -> str:
    """`https://cos.region.myqcloud.com` -> `https://bucket.cos.region.myqcloud.com`, as obstore wants it."""
    parts = urlsplit(endpoint.rstrip("/"))
    return urlunsplit(parts._replace(netloc=f"{bucket}.{parts.netloc}"))


def _client(endpoint: str | None, timeout: float) -> ClientConfig:
    options: ClientConfig = {
        "timeout": timedelta(seconds=timeout),
        "connect_timeout": timedelta(seconds=max(1.0, timeout / 10)),
        "user_agent": "fittingroom",
    }
    if endpoint is not None and endpoint.startswith("http://"):
        options["allow_http"] = True
    return options


def _retries(timeout: float) -> RetryConfig:
    return {
        "max_retries": RETRIES,
        "retry_timeout": timedelta(seconds=timeout),
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
    }
