-- Where the files of these images lie: below the sources root or in the image store ('benchmark', and imported ones).
SELECT image_id, image_uri, 'source' AS place, batch AS ordering
FROM source_images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
UNION ALL
SELECT image_id, image_uri, 'benchmark' AS place, '' AS ordering
FROM benchmark_images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
UNION ALL
SELECT image_id, image_uri, 'benchmark' AS place, '' AS ordering
FROM imported_images
WHERE image_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY image_id, ordering, image_uri
