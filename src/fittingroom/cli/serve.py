"""`fittingroom serve`: run the server until a signal.

Each flag has a twin in the environment and a place in the TOML file (`fittingroom config show`). Invariant: on stdout
stand `listening on URL`, once requests are accepted, and below it where the pages are; everything else goes to the log
on stderr.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from fittingroom.accounts import AccountError, VaultError
from fittingroom.cli.common import FAILED, HERE, Place
from fittingroom.configuration import ConfigurationError
from fittingroom.logs import configure_logs
from fittingroom.objects import ObjectsError


@Parameter(name="*")
@dataclass(frozen=True)
class Listen:
    """Where the server listens.

    Parameters
    ----------
    host
        Address to listen on, 127.0.0.1 by default (FITTINGROOM_SERVER__HOST).
    port
        Port, 8000 by default; 0 takes a free one (FITTINGROOM_SERVER__PORT).
    tls_cert
        PEM certificate chain; turns https on (FITTINGROOM_SERVER__TLS_CERT).
    tls_key
        PEM private key of the certificate (FITTINGROOM_SERVER__TLS_KEY).
    """

    host: str | None = None
    port: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None


@Parameter(name="*")
@dataclass(frozen=True)
class Work:
    """Who does the work.

    Parameters
    ----------
    dispatch
        local: worker processes of this machine; ray: replicas of Ray Serve (FITTINGROOM_DISPATCH__KIND).
    ray_address
        Ray cluster, or `auto` for the one of this machine; without it the server starts one (FITTINGROOM_RAY__ADDRESS).
    workers
        Worker processes, each with the models loaded, 1 by default (FITTINGROOM_DISPATCH__WORKERS).
    """

    dispatch: Literal["local", "ray"] | None = None
    ray_address: str | None = None
    workers: int | None = None


@Parameter(name="*")
@dataclass(frozen=True)
class Pages:
    """What people see in a browser.

    Parameters
    ----------
    room
        The fitting room at /room, by default only where the server listens on this machine alone
        (FITTINGROOM_PAGES__ROOM).
    """

    room: bool | None = None


NOWHERE = Listen()
ANYBODY = Work()
DEFAULT = Pages()


def serve(
    *,
    engine: str | None = None,
    allow_net: Annotated[list[str] | None, Parameter(negative=())] = None,
    log_level: Literal["debug", "info", "warning", "error"] | None = None,
    log_format: Literal["auto", "json", "console"] | None = None,
    work: Work = ANYBODY,
    pages: Pages = DEFAULT,
    listen: Listen = NOWHERE,
    place: Place = HERE,
) -> int:
    """Run the server.

    Parameters
    ----------
    engine
        Engine that dresses people; `auto`, the default, takes the best that can run here (FITTINGROOM_ENGINE__NAME).
    allow_net
        Private network (CIDR) that pictures may be fetched from; may be repeated (FITTINGROOM_FETCH__ALLOW_NET).
    log_level
        Least level written (FITTINGROOM_LOG__LEVEL).
    log_format
        Lines of the log; auto: console on a terminal, else JSON (FITTINGROOM_LOG__FORMAT).
    """
    flags = {
        "engine__name": engine,
        "dispatch__kind": work.dispatch,
        "dispatch__workers": work.workers,
        "ray__address": work.ray_address,
        "fetch__allow_net": allow_net,
        "pages__room": None if pages.room is None else "on" if pages.room else "off",
        "log__level": log_level,
        "log__format": log_format,
        "server__host": listen.host,
        "server__port": listen.port,
        "server__tls_cert": listen.tls_cert,
        "server__tls_key": listen.tls_key,
    }
    from fittingroom.server.run import ServeError  # noqa: PLC0415 - `serve --help` need not wait for the server
    from fittingroom.server.run import serve as run  # noqa: PLC0415

    try:
        settings = place.configuration(**flags).settings
        configure_logs(settings.log)
        run(settings, _announce)
    except (ConfigurationError, AccountError, VaultError, ObjectsError, ServeError) as error:
        print(error, file=sys.stderr)
        return FAILED
    return 0


def _announce(told: str) -> None:
    """In one piece, so that no line of the log comes between."""
    print(told, flush=True)
