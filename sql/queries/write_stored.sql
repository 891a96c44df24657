SELECT case_id, limit_id, subject, start_on - date '1970-01-01', due_on - date '1970-01-01', closed_on - date '1970-01-01',
       state, exception, gone, seq
FROM ehcwatch.obligation WHERE case_id = ANY ($1::bigint[]) ORDER BY case_id
