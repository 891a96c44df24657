SELECT limit_id FROM ehcwatch.monitored WHERE baselined_at IS NULL
