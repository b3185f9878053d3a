"""The one frozen tree of settings, a class per room.

Every value has a default that serves, so an empty file is a valid configuration. `configuration.py` fills the tree
from a TOML file, from the environment (`FITTINGROOM_SECTION__NAME`, secrets also by `..._FILE`) and from flags;
this module only says what exists, what it means and what is allowed. Invariant: nothing here reads the environment,
so `Settings()` is the same everywhere and a test depends on no shell.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, model_validator

from fittingroom.setting_dispatch import DispatchSettings, RaySettings
from fittingroom.setting_logs import LogSettings, TraceSettings
from fittingroom.setting_neural import NeuralSettings
from fittingroom.setting_pages import PageSettings
from fittingroom.setting_stores import ObjectSettings, ResultSettings
from fittingroom.setting_types import MIB, Count, Networks, Seconds, Section, Words, web_address, webhook_secret


class ServerSettings(Section):
    """The listening socket and what a connection may do before and between requests."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port; 0 takes a free one and prints it.")
    tls_cert: Path | None = Field(default=None, description="PEM certificate chain; turns https on.")
    tls_key: Path | None = Field(default=None, description="PEM private key of `tls_cert`.")
    backlog: Count = Field(default=512, description="Connections the kernel may hold before accept.")
    max_connections: Count = Field(default=1000, description="Open connections; one more is closed at once.")
    header_timeout: Seconds = Field(default=10.0, description="Seconds from connection to complete request headers.")
    keepalive_timeout: Seconds = Field(
        default=30.0, description="Seconds an idle connection is kept for its next request."
    )
    write_timeout: Seconds = Field(default=30.0, description="Seconds a peer may leave an answer unread.")
    max_header_bytes: Count = Field(default=64 * 1024, description="Bytes of request line and headers together.")
    drain_timeout: Seconds = Field(default=60.0, description="Seconds that running requests get after SIGTERM.")
    metrics: bool = Field(default=True, description="Serve `/metrics` for Prometheus.")
    metrics_from: Networks = Field(
        default=("127.0.0.0/8", "::1/128"), description="Networks (CIDR) that may read `/metrics`; others get 404."
    )
    trusted_proxies: Networks = Field(
        default=(), description="Networks (CIDR) of your proxies, whose X-Forwarded-For tells the caller's address."
    )

    @model_validator(mode="after")
    def _tls_pair(self) -> ServerSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: give both or neither")
        return self


class WireSettings(Section):
    """The HTTP edge: sizes, times and how tolerant signature checking is."""

    max_json_bytes: Count = Field(default=10 * MIB, description="Body of a signed JSON POST, in bytes.")
    max_form_bytes: Count = Field(default=1 * MIB, description="Body of a form POST (signature v1), in bytes.")
    max_query_bytes: Count = Field(default=32 * 1024, description="Query of a GET, in bytes.")
    max_buffered_bytes: Count = Field(
        default=256 * MIB,
        description="Bodies kept for all requests together, in bytes; the first 64 KiB of each do not count.",
    )
    max_response_bytes: Count = Field(
        default=20 * MIB,
        description="Base64 of a picture in an answer, in bytes; larger ones must be asked for by URL.",
    )
    body_timeout: Seconds = Field(default=20.0, description="Seconds in which the whole body must arrive.")
    clock_window: Count = Field(
        default=300, description="Seconds that a request's timestamp may differ from our clock."
    )
    public_hosts: Words = Field(
        default=(
            "aiart.intl.tencentcloudapi.com",
            "aiart.tencentcloudapi.com",
            "sts.intl.tencentcloudapi.com",
            "sts.tencentcloudapi.com",
        ),
        description="Host names that a client may have signed although it connected to us.",
    )
    strict_service: bool = Field(
        default=False,
        description="Insist that the credential names the action's product, `aiart` or `sts`, or the host's label.",
    )
    strict_region: bool = Field(default=False, description="Insist on X-TC-Region.")
    regions: Words = Field(default=(), description="Regions accepted; empty accepts every well-formed one.")
    trust_forwarded_host: bool = Field(default=False, description="Try X-Forwarded-Host too (behind a proxy of yours).")


class LimitSettings(Section):
    """What one account, one address and all together may use, and how long one request may take."""

    concurrency: Count = Field(default=1, description="Running jobs per account that has no number of its own.")
    deadline: Seconds = Field(default=55.0, description="Seconds from request to answer; the SDKs give up at 60.")
    total: int = Field(
        default=0,
        ge=0,
        description="Jobs of all accounts that run or wait, on all gateways that share `limits.url`; 0 sets no limit.",
    )
    rate: int = Field(
        default=20,
        ge=0,
        description="Requests per second of an account to one action, unless it has a number of its own; "
        "0 sets no limit.",
    )
    account_rate: int = Field(
        default=100, ge=0, description="Requests per second of an account to all actions; 0 sets no limit."
    )
    address_rate: int = Field(
        default=20,
        ge=0,
        description="Requests per second of one address (IPv6: one /64), signed or not; 0 sets no limit.",
    )
    url: SecretStr | None = Field(
        default=None,
        description="`redis://` or `valkey://` URL in which several gateways count together; default: in memory.",
    )
    lease: Seconds = Field(
        default=20.0, description="Seconds after which the permits of a dead gateway are free; only with `limits.url`."
    )
    timeout: Seconds = Field(default=2.0, description="Seconds that Redis may take to answer; only with `limits.url`.")


class FetchSettings(Section):
    """The guarded fetcher of callers' URLs."""

    allow_net: Networks = Field(
        default=(), description="Networks (CIDR) that may be fetched from although they are private."
    )
    timeout: Seconds = Field(default=10.0, description="Seconds for one picture, redirects included.")
    connect_timeout: Seconds = Field(default=5.0, description="Seconds for one connection.")
    max_redirects: int = Field(default=3, ge=0, description="Redirects followed, each checked like the first address.")
    concurrency: Count = Field(default=32, description="Fetches at the same time, of all requests together.")
    use_proxy_env: bool = Field(default=False, description="Go through HTTP(S)_PROXY, which then checks the addresses.")


class ImageSettings(Section):
    """Limits of input pictures and the shape of results. Published values are the defaults."""

    min_side: int = Field(default=512, ge=0, description="Each side must be greater than this, px.")
    max_side: Count = Field(default=3000, description="Each side must be less than this, px.")
    max_base64_bytes: Count = Field(
        default=8 * MIB, description="A picture's size after base64 must be less than this."
    )
    max_logo_side: Count = Field(default=3000, description="Each side of a logo must be less than this, px.")
    format: Literal["jpeg", "png"] = Field(default="jpeg", description="File type of results.")
    jpeg_quality: int = Field(default=95, ge=1, le=100, description="Quality of JPEG results.")
    min_confidence: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Results in which the engine has less confidence become an error with advice; 0 answers always.",
    )
    producer: str = Field(
        default="Fitting Room", min_length=1, description="Producer named in the machine-readable label."
    )

    @property
    def max_bytes(self) -> int:
        """Raw bytes whose base64 form is just under `max_base64_bytes`."""
        return (self.max_base64_bytes - 1) // 4 * 3


class ModerationSettings(Section):
    """The review of pictures: the built-in reviewer's thresholds, and a reviewer of the operator's own over HTTP."""

    enabled: bool = Field(default=True, description="Review pictures with the built-in reviewer.")
    max_input_score: float = Field(
        default=0.8, gt=0, le=1, description="Persons, garments and logos that score this much or more are refused."
    )
    max_result_score: float = Field(
        default=0.8, gt=0, le=1, description="Results that score this much or more are not delivered."
    )
    hook_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None, description="http(s) URL of a reviewer of your own, asked besides the built-in one."
    )
    hook_secret: Annotated[SecretStr, AfterValidator(webhook_secret)] | None = Field(
        default=None, description="`whsec_` and Base64 of 24 to 64 bytes; signs what `hook_url` is sent."
    )
    hook_timeout: Seconds = Field(default=5.0, description="Seconds for one answer of `hook_url`, waiting included.")
    hook_concurrency: Count = Field(default=16, description="Questions to `hook_url` at the same time.")
    hook_fail_open: bool = Field(
        default=False, description="Let pictures pass that `hook_url` could not judge, instead of failing the request."
    )


class AccountSettings(Section):
    """Accounts and keys."""

    database: SecretStr | None = Field(
        default=None,
        description="URL, such as `postgresql://user:password@host:5432/name`; default: SQLite, `accounts.db` in the "
        "data directory.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="Fernet key(s) that encrypt secrets at rest, newest first, between commas; "
        "default: `master.key` in the data directory.",
    )
    refresh: Seconds = Field(default=0.5, description="Seconds after which a running server looks for changed keys.")

    @property
    def url(self) -> str | None:
        """The database's URL, which may hold a password: neither to be shown nor logged."""
        return None if self.database is None else self.database.get_secret_value()


class BillingSettings(Section):
    """What pictures cost. Money is in the unit of your currency, whichever that is."""

    price: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=6)] | None = Field(
        default=None, description="Price of a picture for accounts with the plan `prepaid` and no price of their own."
    )
    quota: Count | None = Field(
        default=None, description="Pictures a month for accounts with the plan `quota` and no quota of their own."
    )
    lease: Seconds = Field(
        default=30.0, description="Seconds without a word after which what a server has reserved is given back."
    )


class JobSettings(Section):
    """Jobs: pictures that are made after their request was answered, and callbacks that tell of them."""

    queue: Count = Field(default=50, description="Jobs of one account that wait or run; one more is refused.")
    running: int = Field(
        default=0, ge=0, description="Jobs that this server works on at once; 0 takes one more than it has workers."
    )
    deadline: Seconds = Field(default=120.0, description="Seconds from the start of a job to its picture.")
    patience: Seconds = Field(default=86_400.0, description="Seconds after which a job that still waits fails.")
    keep: Count = Field(
        default=3600,
        description="Seconds that an ended job can be queried; one with a picture no longer than `results.lifetime`.",
    )
    attempts: Count = Field(default=3, description="Times that a job is tried whose worker or server dies.")
    lease: Seconds = Field(
        default=30.0, description="Seconds without a word after which another server takes a job (PostgreSQL alone)."
    )
    poll: Seconds = Field(default=1.0, description="Seconds between looks for jobs that came by other servers.")
    max_parameters_bytes: Count = Field(default=256 * 1024, description="Bytes of one job's parameters as JSON.")
    callback_tries: Count = Field(default=7, description="Times that a callback is tried.")
    callback_pause: Seconds = Field(
        default=5.0, description="Seconds before the second try of a callback; each further pause is thrice as long."
    )
    callback_timeout: Seconds = Field(default=10.0, description="Seconds for one try of a callback.")


class EngineSettings(Section):
    """Which engine dresses people."""

    name: str = Field(
        default="auto",
        min_length=1,
        description="A registered engine's name, `module:Class`, or `auto`: the best whose weights are here and that "
        "fits the card, else `drape`.",
    )


class Settings(Section):
    """All of it. `data_dir` holds accounts, keys and results."""

    data_dir: Path = Field(default_factory=lambda: user_data_path("fittingroom"), description="Folder of all state.")
    server: ServerSettings = ServerSettings()
    wire: WireSettings = WireSettings()
    limits: LimitSettings = LimitSettings()
    fetch: FetchSettings = FetchSettings()
    images: ImageSettings = ImageSettings()
    results: ResultSettings = ResultSettings()
    objects: ObjectSettings = ObjectSettings()
    moderation: ModerationSettings = ModerationSettings()
    dispatch: DispatchSettings = DispatchSettings()
    ray: RaySettings = RaySettings()
    accounts: AccountSettings = AccountSettings()
    billing: BillingSettings = BillingSettings()
    jobs: JobSettings = JobSettings()
    engine: EngineSettings = EngineSettings()
    neural: NeuralSettings = NeuralSettings()
    pages: PageSettings = PageSettings()
    log: LogSettings = LogSettings()
    trace: TraceSettings = TraceSettings()
