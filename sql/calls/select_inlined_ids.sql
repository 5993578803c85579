-- Ids of the calls in one of the catalog's tables, with the numbers that rows keep for good; deleted ones are among them.
SELECT row_id, call_id FROM query_table($inlined)
