-- How many days the history has from $1 to the day before $2, and when the last of them was counted: whether it is another than it was.
SELECT count(*), max((extract(epoch FROM evaluated_at) * 1000000)::bigint)
FROM ehcwatch.history_day WHERE day >= $1::date AND day < $2::date
