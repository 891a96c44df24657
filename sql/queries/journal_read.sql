COPY (SELECT case_id, event, subject, CASE WHEN isfinite(occurred_on) THEN occurred_on END,
             CASE WHEN isfinite(seen_at) THEN floor(extract(epoch FROM seen_at))::bigint END
      FROM ehcwatch.first_seen) TO STDOUT (FORMAT BINARY)
