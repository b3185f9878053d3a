"""The JSON that the console shows, made from what the server knows at the moment.

Times are Unix seconds, sizes bytes, money text as people write it. Invariant: only what is named here leaves; a record
of another room is never passed on whole, so that a field added there cannot show here by itself.
"""

from __future__ import annotations

import os
import platform
import shutil
import time
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from fittingroom.accounts import AccountError
from fittingroom.accounts.ledger import overview
from fittingroom.accounts.ledger.money import show
from fittingroom.dispatch.memory import resident_bytes
from fittingroom.logs import scrubbed
from fittingroom.pages.console.watching import Watched

DAYS: Final = 30
SERVING: Final = frozenset({"READY", "BUSY"})
PACKAGES: Final = ("fittingroom", "starlette", "uvicorn", "sqlalchemy", "numpy", "onnxruntime", "pillow")


def work(watched: Watched) -> dict[str, Any]:
    """Queue and workers. Does not block."""
    status = watched.status()
    return {
        "at": time.time(),
        "state": status.state,
        "serving": status.state in SERVING,
        "engine": status.engine,
        "engine_reason": watched.engine_reason,
        "detail": scrubbed(status.detail),
        "workers": status.workers,
        "running": status.running,
        "waiting": status.waiting,
        "queue": watched.settings.dispatch.queue,
        "restarts": status.restarts,
        "submitted": dict(watched.submitted()),
        "crew": [asdict(worker) | {"detail": scrubbed(worker.detail)} for worker in watched.crew()],
    }


def accounts(watched: Watched) -> dict[str, Any]:
    """Accounts and keys. Blocking. Raises `AccountError`."""
    now = time.time()
    found, held = overview.standings(watched.database, now), overview.keys(watched.database)
    return {
        "accounts": [
            {
                "name": one.name,
                "uin": str(one.uin),
                "status": one.status,
                "plan": one.plan,
                "available": show(one.available),
                "reserved": show(one.reserved),
                "left": one.left,
                "created_at": one.created_at,
            }
            for one in found[: overview.MOST]
        ],
        "keys": [
            {
                "id": one.secret_id,
                "account": one.account_name,
                "user": one.user_name,
                "state": one.state(now),
                "used_at": one.used_at,
                "expires_at": one.expires_at,
                "created_at": one.created_at,
            }
            for one in held[: overview.MOST]
        ],
        "most": overview.MOST,
        "more": {"accounts": len(found) > overview.MOST, "keys": len(held) > overview.MOST},
    }


def pictures(watched: Watched) -> dict[str, Any]:
    """Pictures of the last `DAYS` days, by account. Blocking. Raises `AccountError`."""
    today = int(time.time() // overview.DAY)
    counted = overview.pictures_by_day(watched.database, today, DAYS)
    return {"today": today, "days": DAYS, "pictures": [asdict(one) for one in counted]}


def health(watched: Watched, started: float) -> dict[str, Any]:
    """Database, disk, memory and versions. started: Unix seconds. Blocking; trouble is told, not raised."""
    settings, disk = watched.settings, shutil.disk_usage(watched.data_dir)
    return {
        "uptime": time.time() - started,
        "memory": resident_bytes(os.getpid()),
        "database": _database(watched),
        "results": {
            "place": "disk" if settings.results.url is None else "bucket",
            "trouble": scrubbed(watched.trouble() or ""),
            "kept": watched.kept(),
            "most": settings.results.max_total_bytes,
            "lifetime": settings.results.lifetime,
        },
        "disk": {"free": disk.free, "total": disk.total},
        "versions": _versions(),
    }


def _database(watched: Watched) -> dict[str, Any]:
    began, file = time.perf_counter(), watched.database.file
    try:
        watched.database.revision()
        trouble = ""
    except AccountError as error:
        trouble = scrubbed(str(error))[:500]
    size = file.stat().st_size if file is not None and file.exists() else None
    return {
        "kind": watched.database.dialect,
        "bytes": size,
        "seconds": round(time.perf_counter() - began, 4),
        "trouble": trouble,
    }


@cache
def _versions() -> list[dict[str, str]]:
    told = {name: version(name) for name in PACKAGES}
    told |= {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    return [{"name": name, "version": text} for name, text in told.items()]
