-- Rows per asset of one growth batch and of the unpartitioned assets, in the order in which they were committed.
SELECT m.asset, m.batch, m.rows_in, m.continued, m.dropped, m.failed, m.rows_written, m.seconds,
       (
         SELECT string_agg(reason || ' ' || n, ', ' ORDER BY n DESC, reason)
         FROM (
           SELECT v.reason, count(*) AS n FROM verdicts v WHERE v.asset = m.asset AND v.batch = m.batch GROUP BY v.reason
         )
       ) AS reasons
FROM materializations m
WHERE m.batch IN ('', $batch)
ORDER BY m.committed_at
