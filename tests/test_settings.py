import base64

import pytest
from pydantic import BaseModel, ValidationError

from fittingroom import setting_dispatch as module
from fittingroom.settings import (
    DispatchSettings,
    FetchSettings,
    ImageSettings,
    ModerationSettings,
    ResultSettings,
    Section,
    ServerSettings,
    Settings,
    WireSettings,
)


def sections(model: type[BaseModel] = Settings) -> list[type[BaseModel]]:
    nested = [info.annotation for info in model.model_fields.values()]
    return [kind for kind in nested if isinstance(kind, type) and issubclass(kind, BaseModel)]


def test_the_defaults_are_the_published_values() -> None:
    settings = Settings()
    assert settings.limits.concurrency == 1
    assert settings.limits.deadline == 55.0
    assert (settings.images.min_side, settings.images.max_side) == (512, 3000)
    assert settings.images.max_base64_bytes == 8 * 1024 * 1024
    assert settings.results.lifetime == 3600
    assert settings.engine.name == "auto"
    assert settings.wire.clock_window == 300
    assert settings.fetch.allow_net == ()


def test_the_environment_changes_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT", "1")
    assert Settings().server.port == 8000


@pytest.mark.parametrize("section", [Settings, *sections()])
def test_every_section_is_frozen_strict_on_names_and_explained(section: type[BaseModel]) -> None:
    assert issubclass(section, Section)
    assert section.__doc__
    with pytest.raises(ValidationError, match="Extra inputs"):
        section.model_validate({"no_such_setting": 1})
    made = section()
    name = next(iter(section.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, name, getattr(made, name))


@pytest.mark.parametrize("section", sections())
def test_every_setting_is_described(section: type[BaseModel]) -> None:
    assert [name for name, info in section.model_fields.items() if not info.description] == []


def test_tls_needs_both_files() -> None:
    assert ServerSettings.model_validate({"tls_cert": "c.pem", "tls_key": "k.pem"}).tls_cert is not None
    for lonely in ("tls_cert", "tls_key"):
        with pytest.raises(ValidationError, match="belong together"):
            ServerSettings.model_validate({lonely: "x.pem"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.0.0.0/8", ("10.0.0.0/8",)),
        ("10.1.2.3/8, fd00::/8", ("10.0.0.0/8", "fd00::/8")),
        ('["127.0.0.1"]', ("127.0.0.1/32",)),
        (["192.168.0.0/16"], ("192.168.0.0/16",)),
        ("", ()),
    ],
)
def test_networks_are_read_as_words_json_or_lists(given: object, kept: tuple[str, ...]) -> None:
    assert FetchSettings.model_validate({"allow_net": given}).allow_net == kept


@pytest.mark.parametrize("given", ["localhost", "10.0.0.0/33", ["x"], "[1"])
def test_what_is_no_network_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        FetchSettings.model_validate({"allow_net": given})


def test_words_are_split_and_trimmed() -> None:
    assert WireSettings.model_validate({"regions": " a , b,,"}).regions == ("a", "b")


@pytest.mark.parametrize(
    ("workers", "threads", "cores", "each"), [(1, 0, 8, 8), (2, 0, 8, 4), (3, 0, 8, 2), (16, 0, 8, 1), (2, 5, 8, 5)]
)
def test_workers_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, workers: int, threads: int, cores: int, each: int
) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: cores)
    assert DispatchSettings(workers=workers, threads=threads).worker_threads == each


def test_the_raw_size_limit_is_just_under_the_base64_limit() -> None:
    limits = ImageSettings(max_base64_bytes=8)
    assert limits.max_bytes == 3  # four characters; six bytes would take eight, which is not less than eight
    assert ImageSettings(max_base64_bytes=9).max_bytes == 6


def test_a_short_signing_key_is_refused_without_showing_it() -> None:
    with pytest.raises(ValidationError) as caught:
        ResultSettings.model_validate({"signing_key": "short-secret"})
    assert "short-secret" not in str(caught.value.errors(include_input=False))


def test_secrets_are_not_shown() -> None:
    settings = ResultSettings.model_validate({"signing_key": "long enough to be a key"})
    assert "long enough" not in repr(settings)


@pytest.mark.parametrize("bad", [{"port": -1}, {"port": 65536}, {"header_timeout": 0}, {"max_connections": 0}])
def test_out_of_range_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ServerSettings.model_validate(bad)


def test_usable_cores_is_at_least_one() -> None:
    assert module.usable_cores() >= 1


@pytest.mark.parametrize("good", ["http://10.0.0.7:9000/review", "https://review.example/a?key=b", "http://[::1]/"])
def test_a_reviewers_url_may_lie_anywhere(good: str) -> None:
    assert ModerationSettings(hook_url=good).hook_url == good


@pytest.mark.parametrize(
    "bad",
    ["", "review.example", "ftp://x/", "http://", "http://me:pass@x/", "http://x/#a", "http://x:99999/", "http://[x"],
)
def test_what_is_no_web_address_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        ModerationSettings(hook_url=bad)


@pytest.mark.parametrize("size", [24, 64])
def test_a_webhook_secret_is_kept_and_not_shown(size: int) -> None:
    secret = "whsec_" + base64.b64encode(bytes(size)).decode()
    settings = ModerationSettings.model_validate({"hook_secret": secret})
    assert settings.hook_secret is not None
    assert settings.hook_secret.get_secret_value() == secret
    assert "AAAA" not in repr(settings)


@pytest.mark.parametrize("bad", ["", "whsec_", "whsec_!!!!", "whsec_" + "A" * 28, "whsec_" + "A" * 88, "A" * 40])
def test_a_webhook_secret_of_another_form_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError, match="24 to 64 bytes"):
        ModerationSettings.model_validate({"hook_secret": bad})


@pytest.mark.parametrize("name", ["max_input_score", "max_result_score"])
@pytest.mark.parametrize("bad", [0, -0.1, 1.01, "nan"])
def test_a_threshold_lies_within_the_scores(name: str, bad: object) -> None:
    with pytest.raises(ValidationError):
        ModerationSettings.model_validate({name: bad})


def test_the_public_url_of_results_has_a_scheme() -> None:
    with pytest.raises(ValidationError, match="must be an http or https URL"):
        Settings.model_validate({"results": {"public_url": "tryon.example.com"}})
