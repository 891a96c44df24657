-- The schema's version, and the date as of which something was last told: evaluations never go back behind it by themselves.
SELECT max(version), (SELECT as_of - date '1970-01-01' FROM ehcwatch.transition ORDER BY transition_id DESC LIMIT 1)
FROM ehcwatch.schema_version
