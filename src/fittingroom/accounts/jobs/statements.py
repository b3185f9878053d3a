"""The statements of jobs, in the SQL that SQLite and PostgreSQL share, written as those of `ledger.statements` are.

Invariant: whoever changes a claimed job names the claim, so a gateway that stood still for too long changes nothing.
"""

from __future__ import annotations

from typing import Final

ONE_BY_ONE: Final = "SELECT 1 FROM accounts WHERE id = :account_id FOR NO KEY UPDATE"
"""PostgreSQL alone; SQLite has one writer anyway."""

UNENDED: Final = "SELECT count(*) FROM jobs WHERE account_id = :account_id AND state IN ('waiting', 'running')"

UNENDED_BY_STATE: Final = "SELECT state, count(*) FROM jobs WHERE state IN ('waiting', 'running') GROUP BY state"

ADD: Final = """
INSERT INTO jobs (id, account_id, action, request_id, language, base_url, parameters, callback, state, attempts,
                  due_at, callback_tries, created_at)
VALUES (:id, :account_id, :action, :request_id, :language, :base_url, :parameters, :callback, 'waiting', 0,
        NOW(), 0, NOW())
"""

FIND: Final = """
SELECT id, state, request_id, outcome FROM jobs
WHERE id = :id AND account_id = :account_id AND action = :action AND (expires_at IS NULL OR expires_at > NOW())
"""

OLDEST: Final = """
SELECT j.id, j.account_id, j.created_at FROM jobs j
WHERE j.state = 'waiting' AND j.due_at <= NOW() AND (j.created_at, j.id) > (:after, :after_id) AND NOT EXISTS (
    SELECT 1 FROM jobs e WHERE e.account_id = j.account_id AND e.state = 'waiting' AND e.due_at <= NOW()
    AND (e.created_at < j.created_at OR (e.created_at = j.created_at AND e.id < j.id)))
ORDER BY j.created_at, j.id LIMIT :limit
"""
"""Of each account one, so that an account which cannot go on keeps nobody else waiting."""

LATE: Final = """
SELECT id, account_id, created_at FROM jobs WHERE state = 'waiting' AND created_at < NOW() - :patience LIMIT :limit
"""

CLAIM: Final = """
UPDATE jobs SET state = 'running', gateway_id = :gateway_id, claim = :claim, attempts = attempts + 1,
                lease_until = NOW() + :lease
WHERE id = :id AND state = 'waiting'
RETURNING id, account_id, action, request_id, language, base_url, parameters, attempts, created_at < NOW() - :patience
"""

RENEW: Final = """
UPDATE jobs SET lease_until = NOW() + :lease WHERE gateway_id = :gateway_id AND state = 'running' RETURNING id
"""

GIVE_BACK: Final = """
UPDATE jobs SET state = 'waiting', gateway_id = NULL, claim = NULL, lease_until = NULL,
                attempts = attempts - :uncounted, due_at = NOW() + :pause
WHERE id = :id AND claim = :claim AND state = 'running'
"""

GIVE_BACK_UNKNOWN: Final = """
UPDATE jobs SET state = 'waiting', gateway_id = NULL, claim = NULL, lease_until = NULL
WHERE id = :id AND gateway_id = :gateway_id AND state = 'running'
"""

LEASES_PASSED: Final = """
UPDATE jobs SET state = 'waiting', gateway_id = NULL, claim = NULL, lease_until = NULL
WHERE state = 'running' AND lease_until < NOW() RETURNING id
"""

OTHERS: Final = "SELECT DISTINCT gateway_id FROM jobs WHERE state = 'running' AND gateway_id <> :gateway_id"

TAKE_FROM: Final = """
UPDATE jobs SET state = 'waiting', gateway_id = NULL, claim = NULL, lease_until = NULL
WHERE state = 'running' AND gateway_id = :gateway_id RETURNING id
"""

END: Final = """
UPDATE jobs SET state = :state, outcome = :outcome, parameters = NULL, gateway_id = NULL, claim = NULL,
                lease_until = NULL, expires_at = NOW() + :keep,
                callback_at = CASE WHEN callback IS NULL THEN NULL ELSE NOW() END
WHERE id = :id AND claim = :claim AND state = 'running'
"""

SWEEP: Final = "DELETE FROM jobs WHERE expires_at <= NOW()"

DUE: Final = """
SELECT id, account_id FROM (
    SELECT id, account_id, callback_at, row_number() OVER (PARTITION BY account_id ORDER BY callback_at, id) AS place
    FROM jobs WHERE callback_at <= NOW()) AS due
WHERE place <= :each ORDER BY callback_at, id LIMIT :limit
"""
"""Of each account at most so many, so that the many of one account hide nobody else's."""

TAKE_CALLBACK: Final = """
UPDATE jobs SET callback_at = NOW() + :hold, callback_tries = callback_tries + 1
WHERE id = :id AND callback_at <= NOW() AND expires_at > NOW()
RETURNING id, state, request_id, outcome, account_id, action, language, base_url, callback, callback_tries
"""

TOLD: Final = "UPDATE jobs SET callback = NULL, callback_at = NULL WHERE id = :id"

NOT_NOW: Final = """
UPDATE jobs SET callback_at = NOW() + :pause, callback_tries = callback_tries - 1
WHERE id = :id AND callback_at IS NOT NULL
"""

TELL_LATER: Final = "UPDATE jobs SET callback_at = NOW() + :pause WHERE id = :id AND callback_at IS NOT NULL"

SECRETS: Final = """
SELECT sealed, CASE WHEN previous_until > NOW() THEN previous END FROM webhooks WHERE account_id = :account_id
"""
