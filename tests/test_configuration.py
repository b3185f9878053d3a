import os
import re
from pathlib import Path

import pytest

from fittingroom import configuration
from fittingroom.configuration import ConfigurationError, leaves, load_configuration
from fittingroom.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FITTINGROOM_"):
            monkeypatch.delenv(name)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "fittingroom.toml"


def test_nothing_given_is_all_defaults() -> None:
    loaded = load_configuration()
    assert loaded.settings == Settings()
    assert loaded.sources == {}


def test_a_flag_beats_the_environment_beats_the_file(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text('[server]\nport = 1\nhost = "::1"\nbacklog = 9\n')
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT", "2")
    monkeypatch.setenv("FITTINGROOM_SERVER__HOST", "127.0.0.2")
    loaded = load_configuration(toml, {"server.port": 3})
    assert (loaded.settings.server.port, loaded.settings.server.host) == (3, "127.0.0.2")
    assert loaded.settings.server.backlog == 9
    assert loaded.sources == {"server.port": "flag", "server.host": "environment", "server.backlog": "file"}


def test_the_file_may_be_named_in_the_environment(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text("[server]\nport = 1\n")
    monkeypatch.setenv("FITTINGROOM_CONFIG", str(toml))
    assert load_configuration().settings.server.port == 1


def test_a_flag_not_given_counts_for_nothing() -> None:
    assert load_configuration(None, {"server.port": None, "data_dir": None}).sources == {}


@pytest.mark.parametrize("leaf", [leaf for leaf in leaves() if not leaf.secret], ids=lambda leaf: leaf.name)
def test_every_setting_has_a_twin_in_the_environment(leaf, monkeypatch: pytest.MonkeyPatch) -> None:
    value = Settings()
    for name in leaf.path:
        value = getattr(value, name)
    text = {True: "false", False: "true"}.get(value) if isinstance(value, bool) else None
    if value is None:
        if "tls" in leaf.name:
            monkeypatch.setenv("FITTINGROOM_SERVER__TLS_CERT", "x")
            monkeypatch.setenv("FITTINGROOM_SERVER__TLS_KEY", "x")
        text = {
            "moderation.hook_url": "http://x/",
            "dispatch.job_timeout": "7",
            "billing.price": "7",
            "billing.quota": "7",
            "neural.steps": "7",
            "neural.guidance": "7",
            "results.url": "s3://bucket/prefix",
            "results.public_url": "http://x/",
            "objects.endpoint": "http://x/",
            "trace.endpoint": "http://x/",
            "objects.public_endpoint": "http://x/",
        }.get(leaf.name, "x")
    elif isinstance(value, tuple):
        text = "10.0.0.0/8"
    monkeypatch.setenv(leaf.variable, str(value) if text is None else text)
    assert load_configuration().sources[leaf.name] == "environment"


@pytest.mark.parametrize("leaf", [leaf for leaf in leaves() if leaf.secret], ids=lambda leaf: leaf.name)
def test_a_secret_may_lie_in_a_file(leaf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = f"whsec_{'A' * 32}" if leaf.name == "moderation.hook_secret" else "the secret of secrets"
    (tmp_path / "secret").write_text(f"{secret}\n")
    if leaf.name.startswith("objects."):  # two that belong together
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
            monkeypatch.setenv(f"FITTINGROOM_OBJECTS__{name}_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv(leaf.variable + "_FILE", str(tmp_path / "secret"))
    value = load_configuration().settings
    for name in leaf.path:
        value = getattr(value, name)
    assert value.get_secret_value() == secret  # type: ignore[attr-defined]


def test_there_are_secrets() -> None:
    assert [leaf.name for leaf in leaves() if leaf.secret] == [
        "limits.url",
        "results.signing_key",
        "objects.access_key_id",
        "objects.secret_access_key",
        "moderation.hook_secret",
        "accounts.database",
        "accounts.master_key",
        "pages.console_token",
    ]


def test_a_secret_in_two_places_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("the secret of secrets")
    monkeypatch.setenv("FITTINGROOM_RESULTS__SIGNING_KEY", "another one, as long as that")
    monkeypatch.setenv("FITTINGROOM_RESULTS__SIGNING_KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError, match="both set"):
        load_configuration()


def test_a_secret_file_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_RESULTS__SIGNING_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ConfigurationError, match="SIGNING_KEY_FILE names: No such file"):
        load_configuration()


def test_only_secrets_may_lie_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT_FILE", "x")
    with pytest.raises(ConfigurationError, match="FITTINGROOM_SERVER__PORT_FILE in the environment is no setting"):
        load_configuration()


@pytest.mark.parametrize("name", ["FITTINGROOM_SERVER__PROT", "FITTINGROOM_SEVER__PORT", "FITTINGROOM_SERVER__PORT__X"])
def test_a_misspelt_variable_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError, match=f"{name} in the environment"):
        load_configuration()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("FITTINGROOM_SERVER_PORT", r"did you mean FITTINGROOM_SERVER__PORT\?"),
        ("FITTINGROOM_Server__Port", r"did you mean FITTINGROOM_SERVER__PORT\?"),
        ("FITTINGROOM_FETCH_ALLOW_NET", r"did you mean FITTINGROOM_FETCH__ALLOW_NET\?"),
        ("FITTINGROOM_DATADIR", r"did you mean FITTINGROOM_DATA_DIR\?"),
        ("FITTINGROOM_COLOUR", "see `fittingroom config show`"),
    ],
)
def test_a_variable_of_no_section_is_an_error_too(name: str, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "9999")
    with pytest.raises(ConfigurationError, match=f"^{name} in the environment is no setting; {advice}$"):
        load_configuration()


def test_every_variable_in_use_is_known() -> None:
    root = Path(configuration.__file__).parent
    names = {
        name for file in root.rglob("*.py") for name in re.findall(r'"(FITTINGROOM_[A-Z_]*[A-Z])"', file.read_text())
    }
    assert names <= configuration.OTHER_VARIABLES | {leaf.variable for leaf in leaves()}
    assert "FITTINGROOM_ENDPOINT" in names


def test_variables_of_other_commands_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", "somewhere")
    monkeypatch.setenv("FITTINGROOM_PHOTOS", "somewhere")
    monkeypatch.setenv("FITTINGROOM_TEST_NODE_WHEEL", "somewhere")
    assert load_configuration().sources == {}


def test_a_misspelt_name_in_the_file_is_an_error(toml: Path) -> None:
    toml.write_text("[server]\nprot = 1\n")
    with pytest.raises(ConfigurationError, match=r"server\.prot \(file\): is no setting"):
        load_configuration(toml)


def test_a_bad_value_names_the_setting_and_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT", "eighty")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(None, {"dispatch.workers": 0})
    message = str(caught.value)
    assert "server.port (environment): Input should be a valid integer" in message
    assert "dispatch.workers (flag): Input should be greater than or equal to 1" in message


def test_a_bad_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_RESULTS__SIGNING_KEY", "shortsecret")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration()
    assert "results.signing_key" in str(caught.value)
    assert "shortsecret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"not = = toml", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_an_error(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        load_configuration(toml)


def test_a_file_that_is_not_there_is_an_error(toml: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the configuration file"):
        load_configuration(toml)


def test_a_value_where_a_section_should_be_is_an_error(toml: Path) -> None:
    toml.write_text("server = 3\n")
    with pytest.raises(ConfigurationError, match=r"server \(file\)"):
        load_configuration(toml)
    with pytest.raises(ConfigurationError, match="server is a section"):
        load_configuration(toml, {"server.port": 1})
