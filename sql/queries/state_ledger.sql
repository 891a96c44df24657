COPY (SELECT case_id, digest FROM ehcwatch.case_state ORDER BY case_id) TO STDOUT (FORMAT BINARY)
