UPDATE archives SET problem = $problem WHERE id = $archive
