-- Let these snapshots go; files that no other needs are then listed for removal.
CALL ducklake_expire_snapshots('lake', versions => $versions)
