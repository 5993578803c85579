-- Remove files that the catalog once named and no snapshot needs, some time after that.
CALL ducklake_cleanup_old_files('lake', older_than => now() - to_seconds($seconds))
