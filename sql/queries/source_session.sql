-- A database of no encoding checks nothing that goes in, and refuses a whole reading for one byte that is not UTF-8 on its way out. Asked for
-- bytes as they are, it gives them; what is no text is replaced here (source_rows.c).
SELECT set_config('client_encoding', 'SQL_ASCII', false) WHERE current_setting('server_encoding') = 'SQL_ASCII'
