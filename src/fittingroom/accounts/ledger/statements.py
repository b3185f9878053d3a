"""The ledger's statements, in the SQL that SQLite and PostgreSQL share.

They are written out because a picture's two transactions run them again and again: through an expression compiler they
take three times as long. `:name` stands for a value, `NOW()` for the database's clock in Unix seconds. Invariant: one
statement changes a balance, and where money might run out its condition is part of that statement.
"""

from __future__ import annotations

from typing import Final

RESERVE: Final = """
UPDATE balances SET available = available - :amount, reserved = reserved + :amount
WHERE account_id = :account_id AND unit = :unit AND available >= :amount
"""

RELEASE: Final = """
UPDATE balances SET reserved = reserved - :amount, available = available + :amount
WHERE account_id = :account_id AND unit = :unit
"""

CHARGE: Final = """
UPDATE balances SET reserved = reserved - :amount, spent = spent + :amount
WHERE account_id = :account_id AND unit = :unit RETURNING available, reserved
"""

REFUND: Final = """
UPDATE balances SET spent = spent - :amount, available = available + :amount
WHERE account_id = :account_id AND unit = :unit
"""

UNCOUNT: Final = """
UPDATE balances SET spent = spent - :amount, funding = funding + :amount
WHERE account_id = :account_id AND unit = :unit
"""

FUND: Final = """
INSERT INTO balances (account_id, unit, funding, available, reserved, spent)
VALUES (:account_id, :unit, 0 - :amount, :amount, 0, 0)
ON CONFLICT (account_id, unit) DO UPDATE
SET funding = balances.funding - :amount, available = balances.available + :amount
"""

COUNT: Final = """
INSERT INTO balances (account_id, unit, funding, available, reserved, spent)
VALUES (:account_id, :unit, 0 - :amount, 0, 0, :amount)
ON CONFLICT (account_id, unit) DO UPDATE
SET funding = balances.funding - :amount, spent = balances.spent + :amount
"""

BALANCE: Final = """
SELECT funding, available, reserved, spent FROM balances WHERE account_id = :account_id AND unit = :unit
"""

ADD_TRANSACTION: Final = """
INSERT INTO ledger_transactions (account_id, kind, once, request_id, note, at)
VALUES (:account_id, :kind, :once, :request_id, :note, :at) RETURNING id
"""

ADD_POSTINGS: Final = """
INSERT INTO ledger_postings (transaction_id, unit, bucket, amount)
VALUES (:transaction_id, :unit, :source, 0 - :amount), (:transaction_id, :unit, :target, :amount)
"""

HOLD: Final = """
INSERT INTO reservations (request_id, account_id, unit, amount, gateway_id, at)
VALUES (:request_id, :account_id, :unit, :amount, :gateway_id, NOW())
"""

TAKE: Final = """
DELETE FROM reservations WHERE request_id = :request_id AND gateway_id = :gateway_id
RETURNING account_id, unit, amount
"""

CHARGED: Final = """
SELECT t.account_id, p.unit, p.amount, q.bucket FROM ledger_transactions t
JOIN ledger_postings p ON p.transaction_id = t.id AND p.bucket = 'spent'
JOIN ledger_postings q ON q.transaction_id = t.id AND q.bucket <> 'spent'
WHERE t.once = :once AND t.kind = 'charge'
"""

HAPPENED: Final = "SELECT 1 FROM ledger_transactions WHERE once = :once"

BEAT: Final = """
INSERT INTO gateways (id, seen_at) VALUES (:gateway_id, NOW()) ON CONFLICT (id) DO UPDATE SET seen_at = NOW()
"""

FORGET: Final = "DELETE FROM gateways WHERE id = :gateway_id"

FORGET_LATE: Final = """
DELETE FROM gateways WHERE seen_at < NOW() - :lease AND id <> :gateway_id
AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.gateway_id = gateways.id)
"""

ABANDONED: Final = """
SELECT r.request_id, r.gateway_id FROM reservations r LEFT JOIN gateways g ON g.id = r.gateway_id
WHERE r.gateway_id <> :gateway_id AND r.at < NOW() - :lease AND (g.id IS NULL OR g.seen_at < NOW() - :lease)
ORDER BY r.at
"""

HELD_BY: Final = "SELECT request_id, gateway_id FROM reservations WHERE gateway_id = :gateway_id ORDER BY at"

HELD_BY_OTHERS: Final = """
SELECT request_id, gateway_id FROM reservations WHERE gateway_id <> :gateway_id ORDER BY at
"""
