COPY (SELECT case_id::bigint, case_ref::text, locality::text, team::text, officer::text, date_of_birth::date
      FROM casework.ehc_case /*only*/ ORDER BY ehc_case.case_id) TO STDOUT (FORMAT BINARY)
