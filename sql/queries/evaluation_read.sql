-- The last evaluation that was written to its end, and the import that is being written, if one is.
SELECT as_of - date '1970-01-01', (extract(epoch FROM known_at) * 1000000)::bigint, rules, bulk_since - date '1970-01-01', bulk_cases
FROM ehcwatch.evaluation
