-- Whether there is or was an endpoint of the name $1.
SELECT 1 FROM ehcwatch.endpoint WHERE name = $1
