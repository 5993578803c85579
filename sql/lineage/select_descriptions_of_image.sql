-- The image's descriptions with the calls that made them.
SELECT d.description_id, d.text, d.call_id, r.refined_id, r.text AS refined_text, r.call_ids
FROM descriptions d
LEFT JOIN refined_descriptions r ON r.description_id = d.description_id
WHERE d.image_id = $image_id
