DELETE FROM members WHERE archive = $archive
