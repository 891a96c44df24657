-- Which events occur at all, in rows that take part: decides which limits the source can ever satisfy.
SELECT DISTINCT event FROM casework.ehc_event e
WHERE voided_at IS NULL AND occurred_on BETWEEN '1900-01-01' AND '2199-12-31'
  AND EXISTS (SELECT 1 FROM casework.ehc_case c WHERE c.case_id = e.case_id)
