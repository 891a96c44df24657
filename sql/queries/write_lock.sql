-- Nobody else changes these cases until the end of the transaction, and what it reads below is the last word.
SELECT case_id, event_seq, case_ref, locality, team FROM ehcwatch.case_state WHERE case_id = ANY ($1::bigint[]) ORDER BY case_id FOR UPDATE
