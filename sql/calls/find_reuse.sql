-- What an asset has asked so far within one run and batch: a second ask within the run adds to it.
SELECT asked, paid, reused, saved
FROM call_reuse
WHERE run_id = $run_id AND asset = $asset AND batch = $batch
