-- Which events occur at all: decides which limits the source can ever satisfy.
SELECT DISTINCT event FROM casework.ehc_event WHERE voided_at IS NULL
