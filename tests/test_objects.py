"""From a URL and settings to a bucket: addresses as stores want them, and what is told when it cannot be."""

import sys
from datetime import timedelta

import pytest
from pydantic import ValidationError

from fittingroom.objects import ObjectsError, asking, open_bucket, summary
from fittingroom.settings import ObjectSettings, ResultSettings

KEY = {"access_key_id": "id", "secret_access_key": "a very secret key"}


def signed(url: str = "s3://shop-1250000000/a/b", *, public: bool = False, **settings: object) -> str:
    bucket = open_bucket(url, ObjectSettings.model_validate({**KEY, **settings}), public=public)
    import obstore

    return obstore.sign(bucket, "GET", "x.jpg", timedelta(seconds=60)).partition("?")[0]


COS = "https://cos.ap-singapore.myqcloud.com"


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"region": "eu-central-1"}, "https://s3.eu-central-1.amazonaws.com/shop-1250000000/a/b/x.jpg"),
        (
            {"region": "eu-central-1", "path_style": False},
            "https://shop-1250000000.s3.eu-central-1.amazonaws.com/a/b/x.jpg",
        ),
        ({"endpoint": "http://minio:9000/"}, "http://minio:9000/shop-1250000000/a/b/x.jpg"),
        (
            {"endpoint": COS, "region": "ap-singapore", "path_style": False},
            "https://shop-1250000000.cos.ap-singapore.myqcloud.com/a/b/x.jpg",
        ),
    ],
)
def test_addresses(monkeypatch, settings, address):
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert signed(**settings) == address


def test_callers_may_see_the_store_at_another_address():
    both = {"endpoint": "http://minio:9000", "public_endpoint": "https://pictures.example"}
    assert signed(**both).startswith("http://minio:9000/")
    assert signed(**both, public=True).startswith("https://pictures.example/")
    assert signed(endpoint="http://minio:9000", public=True).startswith("http://minio:9000/")


def test_without_settings_the_environment_of_aws_counts(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    import obstore

    url = obstore.sign(open_bucket("s3://bucket", ObjectSettings()), "GET", "x", timedelta(seconds=60))
    assert "AKIAFROMENV" in url
    assert "eu-west-1" in url


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(ObjectsError, match=r"pip install 'fittingroom\[s3\]'"):
        open_bucket("s3://bucket", ObjectSettings())


def test_what_a_store_answers_is_cut_to_what_helps():
    answer = (
        "Error performing PUT http://h/b/secret-name in 4ms - Server returned non-2xx status code: 403 Forbidden: "
        "<?xml?>\n"
        "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4</StringToSign></Error>"
    )
    assert summary(PermissionError(answer)) == "PermissionError, HTTP 403, SignatureDoesNotMatch"
    down = "Error performing PUT http://h/b/secret-name in 4ms, max_retries: 2 - HTTP error: sending\n  kind: Connect,"
    assert summary(ValueError(down)) == "ValueError, HTTP error: sending, Connect"
    assert summary(TimeoutError()) == "TimeoutError"


def test_a_fault_of_ours_is_not_taken_for_one_of_the_store():
    with pytest.raises(ZeroDivisionError), asking("dividing"):
        _ = 1 / 0
    with pytest.raises(ObjectsError, match="writing failed: TimeoutError"), asking("writing"):
        raise TimeoutError


@pytest.mark.parametrize(
    "url", ["s3://", "s3://Bucket", "https://bucket", "s3://u:p@bucket/x", "s3://bucket/x?y=1", "s3://b//x"]
)
def test_a_url_that_names_no_bucket_is_refused(url):
    with pytest.raises(ValidationError, match="s3://bucket/prefix"):
        ResultSettings.model_validate({"url": url})


def test_settings_that_do_not_fit_together_are_refused():
    with pytest.raises(ValidationError, match="belong together"):
        ObjectSettings.model_validate({"access_key_id": "x"})
    with pytest.raises(ValidationError, match="a week"):
        ResultSettings.model_validate({"url": "s3://bucket", "lifetime": 604801})
    assert ResultSettings.model_validate({"lifetime": 604801}).lifetime == 604801
    assert ResultSettings.model_validate({"url": "s3://bucket/a/"}).url == "s3://bucket/a"
