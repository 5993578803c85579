CREATE INDEX IF NOT EXISTS refused ON members (archive) WHERE reason IS NOT NULL
