-- Take out of the ledger what calls/insert_forgotten kept in the same transaction.
DELETE FROM calls
WHERE call_id IN (SELECT call_id FROM forgotten_calls WHERE forgotten_at = $at::TIMESTAMPTZ)
