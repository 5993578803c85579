-- PostgreSQL's first start: the catalog of the lake beside Dagster's own database.
CREATE DATABASE lake OWNER wethink;
