-- Requests of the latest run of each asset: how many were paid, and what the ledger saved over all runs.
SELECT coalesce(sum(asked), 0) AS asked, coalesce(sum(paid), 0) AS paid, coalesce(sum(reused), 0) AS reused,
       coalesce(sum(saved), 0) AS saved
FROM call_reuse
WHERE run_id = $run_id
