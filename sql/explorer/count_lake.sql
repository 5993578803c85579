-- What the lake holds, in a few numbers; calls with what they cost.
SELECT
  (SELECT count(*) FROM source_images) AS files, (SELECT count(*) FROM images) AS images,
  (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM samples) AS samples,
  (SELECT count(*) FROM rollouts) AS rollouts, (SELECT count(*) FROM predictions) AS predictions,
  (SELECT count(*) FROM calls) AS calls, (SELECT coalesce(sum(cost), 0) FROM calls) AS cost,
  (SELECT count(*) FROM audit_verdicts) AS audited
