-- Acknowledgements whose last day is before $3, on the word of the leader ($1, $2).
UPDATE ehcwatch.ack SET cleared_at = ehcwatch.clock(), cleared_by = 'expired'
WHERE cleared_at IS NULL AND until < $3::date
  AND EXISTS (SELECT FROM ehcwatch.lease WHERE holder = $1 AND term = $2::bigint FOR KEY SHARE)
