COPY (SELECT case_id::bigint, ground::text, from_on::date, to_on::date, recorded_at::timestamptz, voided_at::timestamptz
      FROM casework.ehc_exception /*only*/ ORDER BY ehc_exception.case_id) TO STDOUT (FORMAT BINARY)
