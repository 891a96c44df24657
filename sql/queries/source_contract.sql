-- What the case database lacks of the contract, a sentence a row; no row: nothing is missing.
WITH wanted (table_name, column_name, types) AS (VALUES
    ('ehc_case', 'case_id', '{int8,int4,int2}'::text[]),
    ('ehc_case', 'case_ref', '{text,varchar,bpchar,int8,int4}'),
    ('ehc_case', 'locality', '{text,varchar,bpchar}'),
    ('ehc_case', 'team', '{text,varchar,bpchar}'),
    ('ehc_case', 'officer', '{text,varchar,bpchar}'),
    ('ehc_case', 'date_of_birth', '{date}'),
    ('ehc_event', 'case_id', '{int8,int4,int2}'),
    ('ehc_event', 'event', '{text,varchar,bpchar}'),
    ('ehc_event', 'subject', '{text,varchar,bpchar}'),
    ('ehc_event', 'occurred_on', '{date}'),
    ('ehc_event', 'recorded_at', '{timestamptz}'),
    ('ehc_event', 'voided_at', '{timestamptz}'),
    ('ehc_exception', 'case_id', '{int8,int4,int2}'),
    ('ehc_exception', 'ground', '{text,varchar,bpchar}'),
    ('ehc_exception', 'from_on', '{date}'),
    ('ehc_exception', 'to_on', '{date}'),
    ('ehc_exception', 'recorded_at', '{timestamptz}'),
    ('ehc_exception', 'voided_at', '{timestamptz}')),
found AS (
    SELECT w.*, c.oid AS relation, t.typname, coalesce(bt.typname, t.typname) AS base_type,
           c.oid IS NOT NULL AND a.attname IS NOT NULL
               AND has_schema_privilege('casework', 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
    FROM wanted w
    LEFT JOIN pg_namespace n ON n.nspname = 'casework'
    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.column_name AND NOT a.attisdropped
    LEFT JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type bt ON bt.oid = t.typbasetype AND t.typtype = 'd')
SELECT problem FROM (
    SELECT 1 AS rank, 'there is no casework.' || table_name || ': run "ehcwatchd migrate", or create a view of that name over your case system' AS problem
    FROM found WHERE relation IS NULL GROUP BY table_name
    UNION ALL
    SELECT 2, format('casework.%s has no column %s (%s): add it to the table or view', table_name, column_name, types[1])
    FROM found WHERE relation IS NOT NULL AND typname IS NULL
    UNION ALL
    SELECT 3, format('casework.%s.%s is of type %s and must be %s: cast it in the view', table_name, column_name, typname, types[1])
    FROM found WHERE typname IS NOT NULL AND base_type <> ALL (types)
    UNION ALL
    SELECT 4, format('casework.%s.%s may not be read: GRANT USAGE ON SCHEMA casework, SELECT ON casework.%s TO %I', table_name, column_name, table_name, current_user)
    FROM found WHERE typname IS NOT NULL AND NOT readable) p
ORDER BY rank, problem
