-- Whether the first reading of all is over, and whether there is anything to read.
SELECT EXISTS (SELECT FROM ehcwatch.first_seen_since), EXISTS (SELECT FROM ehcwatch.first_seen)
