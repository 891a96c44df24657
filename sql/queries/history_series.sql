-- Numbers for what is to be counted. In one order, so that two who add some do not wait for each other in a circle.
INSERT INTO ehcwatch.history_series (limit_id, state, locality, team)
SELECT u.limit_id, u.state, u.locality, u.team
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) u (limit_id, state, locality, team)
WHERE NOT EXISTS (SELECT FROM ehcwatch.history_series s
                  WHERE s.limit_id = u.limit_id AND s.state = u.state AND s.locality = u.locality AND s.team = u.team)
ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING
