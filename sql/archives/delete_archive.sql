DELETE FROM archives WHERE id = $archive
