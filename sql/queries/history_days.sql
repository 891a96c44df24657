-- The days of the history from $1 to $2. Then, as days of their own without a date, the localities ($3) and teams ($4) that it does not know:
-- whoever asks for one of them has misspelt it.
SELECT day - date '1970-01-01', observed, (extract(epoch FROM evaluated_at) * 1000000)::bigint, limits, requested, assessing, refused, plan,
       ended, breached_cases, NULL, NULL
FROM ehcwatch.history_day WHERE day BETWEEN $1::date AND $2::date
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, u.word, u.place
FROM (SELECT 'locality' AS word, unnest($3::text[]) AS place UNION ALL SELECT 'team', unnest($4::text[])) u
WHERE NOT EXISTS (SELECT FROM ehcwatch.history_series s WHERE CASE u.word WHEN 'team' THEN s.team ELSE s.locality END = u.place)
ORDER BY 1
