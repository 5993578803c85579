SELECT id, stamp FROM archives WHERE path = $path
