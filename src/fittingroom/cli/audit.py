"""`fittingroom audit`: who changed what."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from fittingroom.accounts import AccountError, audit
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, show_all

HEADINGS = ("at", "actor", "action", "account", "target", "detail")


@reported
def audit_(
    account: str | None = None,
    *,
    actor: str | None = None,
    action: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: Annotated[int, Parameter(negative=())] = 100,
    as_json: AsJson = False,
    place: Place = HERE,
) -> int:
    """List changes, oldest first.

    Parameters
    ----------
    account
        Of one account only.
    actor
        By one actor only, such as cli:alice.
    action
        One action only, such as keys.revoke, or all of a noun, such as keys.
    since
        From this moment on, UTC: 2026-11-22 or 2026-11-22T18:30.
    until
        Before this moment.
    limit
        So many at most, the newest.
    as_json
        Print JSON instead of a table.
    """
    if limit < 1:
        raise AccountError("--limit is at least 1")
    wanted = audit.Wanted(account, actor, action, _seconds(since), _seconds(until), limit)
    with place.store() as store, store.reading() as connection:
        rows = audit.listing(connection, wanted)
        known = audit.actions(connection) if action is not None and not rows else []
    if action is not None and not any(f"{one}.".startswith(f"{action}.") for one in known) and not rows:
        print(f"no {action} was ever recorded; recorded were: {', '.join(known) or 'no changes'}", file=sys.stderr)
    show_all(rows, HEADINGS, _cells, as_json=as_json)
    return 0


def _cells(row: audit.AuditRow) -> tuple[str, ...]:
    detail = json.dumps(row.detail, ensure_ascii=False)
    return (moment(row.at), row.actor, row.action, row.account_name or "-", row.target, detail)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise AccountError(f"{text!r} is no moment such as 2026-11-22 or 2026-11-22T18:30") from error
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
