SELECT max(version) FROM ehcwatch.schema_version
