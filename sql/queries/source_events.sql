COPY (SELECT case_id::bigint, event::text, subject::text, occurred_on::date, recorded_at::timestamptz, voided_at::timestamptz
      FROM casework.ehc_event /*only*/ ORDER BY ehc_event.case_id) TO STDOUT (FORMAT BINARY)
