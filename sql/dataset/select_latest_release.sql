-- The release that the asset wrote last: its accounting row names the run.
SELECT rel.*
FROM releases rel
JOIN materializations m ON m.asset = 'release' AND m.batch = ''
WHERE rel.release_id = json_extract_string(m.details, '$.release_id')
