#!/usr/bin/python3
"""The subcommands `migrate` and `check-config` on a private PostgreSQL: what they make, what they refuse, what they say."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

ROLES = ("ehcwatch_owner", "ehcwatch_daemon", "ehcwatch_reader")
PASSWORD = "Tr0ub4dor-and-3"
t = h.Tap()


def names(schema):
    return sorted(p.stem for p in (ROOT / "sql/migrations").glob(f"{schema}_*.sql"))


def newest(schema):
    return len(names(schema))


class Db(h.Cluster):
    """A cluster in which each case gets a database of its own, empty and without our roles in it."""

    def __init__(self):
        super().__init__()
        self.name, self.made = "postgres", 0

    def info(self, **over):
        words = {"host": f"{self.dir}/sock", "user": "postgres", "dbname": self.name, **over}
        return " ".join(f"{k}={v}" for k, v in words.items())

    @property
    def conninfo(self):
        return self.info()

    def fresh(self, forget=True):
        """A new database; the roles of the cases before are forgotten with what they owned."""
        if forget:
            for (database,) in self.sql("SELECT datname FROM pg_database WHERE datname LIKE 'case%'"):
                self.drop(database)
            self.name = "postgres"
            for role in ROLES:
                self.sql(f"DROP ROLE IF EXISTS {role}")
        self.made += 1
        name = f"case{self.made}"
        self.admin(f"CREATE DATABASE {name}")
        self.name = name
        return name

    def drop(self, database):
        self.name = "postgres"
        self.admin(f"DROP DATABASE {database} WITH (FORCE)")

    def admin(self, text):
        connection = self.connect(autocommit=True)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
        finally:
            connection.close()

    def relations(self, schema):
        return {r[0] for r in self.sql("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                                       " WHERE nspname = %s AND relkind IN ('r', 'v')", (schema,))}

    def may(self, role, relation):
        return {p for p in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
                if self.value("SELECT has_table_privilege(%s, %s, %s)", (role, relation, p))}


def migrate(source, *args, env=None, **options):
    with h.Daemon(options={"source": source, **options}, env=env) as ehc:
        done = ehc.command("migrate", *args)
        if h.SANITIZER.search(done.stderr):
            raise AssertionError(done.stderr)
        return done.returncode, done.stdout, done.stderr


def applied(schema):
    return "".join(f"{schema}: applied {n}\n" for n in names(schema)) + f"{schema}: version {newest(schema)}\n"


def current(schema):
    return f"{schema}: version {newest(schema)}, nothing to do\n"


def check_names():
    for schema in ("casework", "ehcwatch"):
        numbers = [re.fullmatch(rf"{schema}_(\d{{4}})_[a-z0-9_]+", n) for n in names(schema)]
        t.eq([m and int(m[1]) for m in numbers], list(range(1, newest(schema) + 1)), f"{schema}: files are numbered from 1 without gaps")
    t.ok(newest("casework") and newest("ehcwatch"), "both schemas have migrations")
    ends = [p.name for p in (ROOT / "sql/migrations").glob("*.sql")
            if re.search(r"^\s*(COMMIT|ROLLBACK|BEGIN|START)\b[^;]*;", re.sub(r"\$\$.*?\$\$", "", p.read_text(), flags=re.S), re.M)]
    t.eq(ends, [], "no migration begins or ends a transaction")


def check_fresh(db):
    db.fresh()
    t.eq(migrate(db.conninfo), (0, applied("casework") + applied("ehcwatch"), ""), "an empty database gets both schemas")
    for schema in ("casework", "ehcwatch"):
        t.eq([r[0] for r in db.sql(f"SELECT name FROM {schema}.schema_version ORDER BY version")], names(schema),
             f"{schema}: what was applied is recorded")
        t.eq(db.sql("SELECT DISTINCT r::text FROM (SELECT relowner::regrole r FROM pg_class WHERE relnamespace = %s::regnamespace"
                    " UNION SELECT nspowner::regrole FROM pg_namespace WHERE nspname = %s) x", (schema, schema)),
             [("ehcwatch_owner",)], f"{schema}: all of it belongs to ehcwatch_owner")
    t.eq(db.value("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'ehcwatch%' AND NOT rolcanlogin AND NOT rolsuper"), 3,
         "three roles that nobody logs in as")
    before = db.sql("SELECT version, applied_at FROM ehcwatch.schema_version")
    t.eq(migrate(db.conninfo), (0, current("casework") + current("ehcwatch"), ""), "the second time there is nothing to do")
    t.eq(db.sql("SELECT version, applied_at FROM ehcwatch.schema_version"), before, "and nothing is done")


def check_privileges(db):
    """In the database of check_fresh."""
    dml = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for relation in db.relations("casework"):
        for role in ("ehcwatch_daemon", "ehcwatch_reader"):
            t.eq(db.may(role, f"casework.{relation}"), {"SELECT"}, f"{role} only reads casework.{relation}")
    for relation in sorted(db.relations("ehcwatch")):
        want = {"transition": dml - {"UPDATE"}, "attempt": dml - {"UPDATE"}, "schema_version": {"SELECT"},
                "rehearsal": {"SELECT"}, "evaluation": dml - {"DELETE"}, "history": {"SELECT"}, "history_day": dml - {"DELETE"},
                "history_series": dml - {"DELETE"}, "history_count": dml - {"DELETE"}, "meeting": {"SELECT", "INSERT"}}.get(relation, dml)
        t.eq(db.may("ehcwatch_daemon", f"ehcwatch.{relation}"), want, f"ehcwatch_daemon: {' '.join(sorted(want))} on {relation}")
        want = set() if relation in ("outbox", "attempt") else {"SELECT"}  # those by column
        t.eq(db.may("ehcwatch_reader", f"ehcwatch.{relation}"), want, f"ehcwatch_reader: {' '.join(want) or 'nothing'} on {relation}")
    t.eq([db.value("SELECT has_column_privilege('ehcwatch_reader', 'ehcwatch.' || %s, %s, 'SELECT')", c) for c in
          (("outbox", "body"), ("attempt", "response_head"), ("outbox", "state"), ("attempt", "reason"))],
         [False, False, True, True], "a reader sees how deliveries went, not what was said")
    t.eq([db.value("SELECT has_schema_privilege(%s, %s, 'CREATE')", (r, s)) for r in ROLES[1:] for s in ("casework", "ehcwatch")],
         [False] * 4, "neither makes anything in the schemas")
    with t.case("a login in ehcwatch_daemon reads cases and writes a transition"):
        db.sql("CREATE ROLE watch LOGIN IN ROLE ehcwatch_daemon; SET ROLE watch; SELECT count(*) FROM casework.ehc_event;"
               "INSERT INTO ehcwatch.transition (case_id, limit_id, subject, start_on, seq, event_seq, type, from_state, to_state,"
               " due_on, as_of, known_at, rulebook) VALUES (1, 'x', '', now(), 1, 1, 'obligation.met', 'none', 'met', now(), now(),"
               " now(), '1')")
        code, out, err = migrate(db.info(user="watch"))
        assert (code, out) == (0, current("casework") + current("ehcwatch")), (code, out, err)
    db.sql("DROP ROLE watch")


def check_two_at_once(db):
    db.fresh()
    with h.Daemon(db) as one:
        # Both reach the lock before either gets on: the test holds it.
        holder = db.connect()
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1701340023, 1)")
        both = [subprocess.Popen([one.program, "migrate", "-c", one.conf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(2)]
        waiting = "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        h.wait_until(lambda: db.value(waiting), what="both wait for the lock")
        holder.rollback()
        holder.close()
        said = sorted(p.communicate(timeout=60) + (p.returncode,) for p in both)
    # The last to come may find the first done with ehcwatch, or be first there.
    t.eq([code for _, _, code in said], [0, 0], "two at once both succeed")
    for schema in ("casework", "ehcwatch"):
        lines = sorted("".join(x for x in out.splitlines(True) if x.startswith(schema)) for out, _, _ in said)
        t.eq(lines, sorted([applied(schema), current(schema)]), f"{schema}: one applies, the other has nothing to do")
    first, second = db.name, db.fresh(forget=False)
    db.drop(first)
    db.name = second
    db.sql("DROP ROLE ehcwatch_owner, ehcwatch_daemon, ehcwatch_reader")
    holder = db.connect()
    with holder.cursor() as cursor:
        cursor.execute("CREATE ROLE ehcwatch_owner NOLOGIN")
    with h.Daemon(db) as one:
        p = subprocess.Popen([one.program, "migrate", "-c", one.conf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        h.wait_until(lambda: db.value("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"), what="migrate waits for the role", event=p)
        holder.commit()
        out, err = p.communicate(timeout=60)
    holder.close()
    t.eq((p.returncode, out, err), (0, applied("casework") + applied("ehcwatch"), ""),
         "a role that appears meanwhile, from another database, is taken as it is")


def check_only(db):
    db.fresh()
    t.eq(migrate(db.conninfo, "--only", "ehcwatch"), (0, applied("ehcwatch"), ""), "--only ehcwatch")
    t.eq(db.relations("casework"), set(), "leaves casework alone")
    t.eq(migrate(db.conninfo, "--only", "casework"), (0, applied("casework"), ""), "--only casework")
    state, source = db.fresh(), db.fresh(forget=False)
    code, _, err = migrate(db.info(dbname=source), state=db.info(dbname=state))
    t.eq((code, err), (0, ""), "two databases")
    t.eq((db.relations("casework") != set(), db.relations("ehcwatch")), (True, set()), "the source gets casework alone")
    db.name = state
    t.eq((db.relations("casework"), db.relations("ehcwatch") != set()), (set(), True), "the state gets ehcwatch alone")


def check_newer(db):
    for schema in ("casework", "ehcwatch"):
        db.fresh()
        migrate(db.conninfo)
        db.sql(f"INSERT INTO {schema}.schema_version (version, name) VALUES ({newest(schema) + 1}, 'later')")
        code, out, err = migrate(db.conninfo)
        t.eq((code, err), (1, f"migrate: {schema}: the database is at version {newest(schema) + 1}, this program knows "
                              f"{newest(schema)}: install the newer ehcwatchd\n"), f"{schema}: a newer version is refused")
        t.ok("applied" not in out, "and nothing applied", out)


def check_conflict(db):
    db.fresh()
    db.sql("CREATE SCHEMA ehcwatch; CREATE TABLE ehcwatch.outbox (mine int)")
    code, out, err = migrate(db.conninfo)
    t.eq((code, out, err), (1, applied("casework"), f"migrate: {names('ehcwatch')[0]}: relation \"outbox\" already exists\n"),
         "a table in the way is named, with the migration")
    t.eq(db.relations("ehcwatch"), {"outbox"}, "nothing is half applied")
    t.eq([c[0] for c in db.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'ehcwatch.outbox'::regclass AND attnum > 0")],
         ["mine"], "the table in the way is as it was")
    db.sql("DROP TABLE ehcwatch.outbox")
    code, out, err = migrate(db.conninfo)
    t.eq((code, out), (0, current("casework") + applied("ehcwatch")), "without it the next try succeeds")
    t.eq(db.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'ehcwatch'"), "postgres",
         "a schema that was there keeps its owner")


def check_line(db):
    db.fresh()
    # Makes the INSERT into event_kind fail, which the server can point at.
    db.sql("CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
           " IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('casework.event_kind') AND attname = 'subjects')"
           " THEN ALTER TABLE casework.event_kind RENAME subjects TO spoilt; END IF; END $$;"
           "CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION spoil()")
    name = names("casework")[0]
    text = (ROOT / f"sql/migrations/{name}.sql").read_text()
    line = 1 + text[:text.index("INSERT INTO casework.event_kind (event, subjects")].count("\n")
    code, out, err = migrate(db.conninfo)
    t.eq((code, out, err), (1, "", f"migrate: {name}: line {line}: column \"subjects\" of relation \"event_kind\" does not exist\n"),
         "the line of the error, where the server gives a position")
    t.eq((db.relations("casework"), db.relations("ehcwatch")), (set(), set()), "all of casework is undone, ehcwatch not begun")


def check_lost(db):
    db.fresh()
    with h.Daemon(db) as one:
        holder = db.connect()
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1701340023, 1)")
        p = subprocess.Popen([one.program, "migrate", "-c", one.conf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        h.wait_until(lambda: db.value("SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"),
                     what="migrate waits for the lock", event=p)
        db.drop_connections()
        out, err = p.communicate(timeout=30)
        holder.close()
    t.ok((p.returncode, out) == (69, "") and err.startswith("migrate: casework: the connection was lost: ") and err.count("\n") == 1,
         "a connection that is lost on the way: 69", (p.returncode, out, err))
    t.eq(db.relations("casework"), set(), "and nothing done")


def check_views(db):
    db.fresh()
    db.sql("CREATE SCHEMA casework; CREATE VIEW casework.ehc_case AS SELECT 1::bigint AS case_id, 'EHC-1'::text AS case_ref")
    note = "casework: ehc_case is there and was not made by migrate: left alone\n"
    t.eq(migrate(db.conninfo), (0, note + applied("ehcwatch"), ""), "views of the DBA are left alone, ehcwatch is made")
    t.eq(db.relations("casework"), {"ehc_case"}, "nothing is added to them")
    t.eq(migrate(db.conninfo), (0, note + current("ehcwatch"), ""), "again")
    t.eq(migrate(db.conninfo, "--only", "casework"), (0, note, ""), "--only casework then says so and is done")


def check_unprivileged(db):
    db.fresh()
    db.sql("CREATE ROLE mig LOGIN")
    mig = db.info(user="mig")
    code, _, err = migrate(mig)
    t.ok(code == 1 and all(f"CREATE ROLE {r} NOLOGIN;" in err for r in ROLES) and err.count("\n") == 1,
         "without the right to make roles: the three statements for the DBA", err)
    t.eq(db.value("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'ehcwatch%'"), 0, "no role is left behind")
    for text in re.findall(r"(?:CREATE ROLE|GRANT)[^;]*;", err):
        db.sql(text)
    code, _, err = migrate(mig)
    t.ok(code == 1 and f"GRANT CREATE ON DATABASE {db.name} TO mig;" in err, "without CREATE: the statement for that", err)
    for text in re.findall(r"GRANT[^;]*;", err):
        db.sql(text)
    t.eq(migrate(mig), (0, applied("casework") + applied("ehcwatch"), ""), "what the messages told the DBA is enough")
    t.eq(db.value("SELECT tableowner FROM pg_tables WHERE schemaname = 'ehcwatch' AND tablename = 'outbox'"), "ehcwatch_owner",
         "the owner is the same as with a superuser")
    db.sql("REVOKE ehcwatch_owner FROM mig; UPDATE ehcwatch.schema_version SET version = version - 1;"
           "GRANT USAGE ON SCHEMA casework, ehcwatch TO mig; GRANT SELECT ON casework.schema_version, ehcwatch.schema_version TO mig")
    code, _, err = migrate(mig, "--only", "ehcwatch")
    t.ok(code == 1 and "GRANT ehcwatch_owner TO mig;" in err, "no member of the owner: the statement for that", err)
    db.fresh()
    db.sql("ALTER ROLE mig CREATEROLE")
    db.sql(f"GRANT CREATE ON DATABASE {db.name} TO mig")
    t.eq(migrate(db.info(user="mig")), (0, applied("casework") + applied("ehcwatch"), ""),
         "with CREATEROLE it makes the roles and becomes a member of the owner")
    db.fresh()
    # Somebody else's schema, in which mig may create but whose use mig cannot grant: a GRANT would only warn.
    db.sql("CREATE SCHEMA ehcwatch; GRANT USAGE, CREATE ON SCHEMA ehcwatch TO mig")
    code, _, err = migrate(db.info(user="mig"), "--only", "ehcwatch")
    t.ok(code == 1 and "GRANT USAGE ON SCHEMA ehcwatch TO ehcwatch_daemon, ehcwatch_reader;" in err,
         "a schema that cannot be opened to the daemon is an error", err)
    t.eq(db.relations("ehcwatch"), set(), "and is left as it was")
    db.drop(db.name)
    db.sql("DROP ROLE mig")


def check_hostile_settings(db):
    name = db.fresh()
    # A function that shadows a built-in of the migrations would run with the rights of whoever migrates.
    db.sql("CREATE SCHEMA evil; CREATE FUNCTION evil.gen_random_uuid() RETURNS uuid LANGUAGE sql AS"
           " 'SELECT pg_catalog.gen_random_uuid()'")
    db.name = "postgres"
    for setting in ("default_transaction_read_only = on", "statement_timeout = '15ms'", "search_path = evil, pg_catalog",
                    "default_transaction_isolation = 'serializable'"):
        db.admin(f"ALTER DATABASE {name} SET {setting}")
    db.name = name
    code, out, err = migrate(db.conninfo, env={"PGOPTIONS": "-c nonsense=1", "PGUSER": "nobody"})
    t.eq((code, out, err), (0, applied("casework") + applied("ehcwatch"), ""), "settings of the database and of libpq do not matter")
    db.name = "postgres"
    db.admin(f"ALTER DATABASE {name} RESET ALL")
    db.name = name
    t.eq(db.value("SELECT pg_get_expr(adbin, adrelid) LIKE '%evil.%' FROM pg_attrdef JOIN pg_attribute a ON adrelid = attrelid"
                  " AND adnum = attnum WHERE adrelid = 'ehcwatch.transition'::regclass AND attname = 'message_id'"), False,
         "nothing of ours calls what others put in the search path")


def secret_file(ehc, name, text, mode=0o600):
    path = ehc.dir / name
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as f:
        f.write(text)
    path.chmod(mode)
    return str(path)


def check_unreachable(db):
    db.fresh()
    nowhere = "host=/nonexistent/sock dbname=cases user=watch"
    code, out, err = migrate(nowhere)
    t.ok((code, out) == (69, "") and err.startswith("migrate: source (") and "dbname=cases" in err and err.count("\n") == 1,
         "an unreachable source: 69", (code, out, err))
    code, out, err = migrate(db.conninfo, state=nowhere)
    t.ok((code, out) == (69, applied("casework")) and err.startswith("migrate: state (host=/nonexistent/sock"),
         "an unreachable state: 69, after casework", (code, out, err))
    code, out, err = migrate(db.info(dbname="absent"))
    t.ok((code, out) == (69, "") and 'database "absent" does not exist' in err, "no such database: 69", err)
    code, out, err = migrate(db.info(port=h.free_port(), host="127.0.0.1"))
    t.eq((code, out), (69, ""), "nobody listens on the port: 69")


def check_password(db):
    db.fresh()
    name = db.name
    db.sql(f"CREATE ROLE pwd LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    hba = pathlib.Path(db.dir) / "data/pg_hba.conf"
    before = hba.read_text()
    hba.write_text("local all pwd scram-sha-256\n" + before)
    db.sql("SELECT pg_reload_conf()")
    with h.Daemon(options={"source": db.info(user="pwd")}) as ehc:
        ehc.options["source_password_file"] = secret_file(ehc, "pw", PASSWORD + "x\n")
        ehc.write_config()

        def refused():
            done = ehc.command("migrate")
            return done if done.returncode == 69 else None
        wrong = h.wait_until(refused, what="the new pg_hba.conf")
        t.ok("password authentication failed" in wrong.stderr, "a wrong password: 69", wrong.stderr)
        t.ok(PASSWORD not in wrong.stdout + wrong.stderr, "the password is not shown")
        secret_file(ehc, "pw", PASSWORD + "\n")
        right = ehc.command("migrate")
        t.eq((right.returncode, right.stderr), (0, ""), "the password of the file opens source and state")
        t.ok(PASSWORD not in right.stdout + right.stderr, "and is not shown")
        shown = ehc.command("check-config", "--print")
        t.ok(shown.returncode == 0 and PASSWORD not in shown.stdout + shown.stderr, "nor by check-config --print")
        (ehc.dir / "pw").chmod(0o644)
        done = ehc.command("migrate")
        t.ok(done.returncode == 78 and done.stderr.startswith(f"{ehc.conf}: source_password_file {ehc.dir}/pw: mode 0644"),
             "a password file open to others: 78", done.stderr)
    hba.write_text(before)
    db.name = "postgres"
    db.sql("SELECT pg_reload_conf()")
    db.drop(name)
    db.sql("DROP ROLE pwd")


def check_usage():
    with h.Daemon(options={"source": "dbname=x"}) as ehc:
        for verb, args in (("migrate", []), ("migrate", ["-c"]), ("migrate", ["-c", ehc.conf, "--only", "public"]),
                           ("migrate", ["-c", ehc.conf, "--only"]), ("migrate", ["-c", ehc.conf, "now"]),
                           ("check-config", []), ("check-config", ["-c"]), ("check-config", ["-c", ehc.conf, "-c", ehc.conf]),
                           ("check-config", [ehc.conf])):
            done = subprocess.run([ehc.program, verb, *args], check=False, capture_output=True, text=True)
            t.ok(done.returncode == 2 and done.stdout == "" and done.stderr.startswith(f"ehcwatchd {verb}: "),
                 f"usage: {verb} {' '.join(str(a).replace(str(ehc.dir), '') for a in args)}", done.stderr)
        ehc.options["source"] = "dbname=x password=hunter2"
        ehc.write_config()
        done = ehc.command("migrate")
        t.ok(done.returncode == 78 and done.stderr.startswith(f"{ehc.conf}:") and "hunter2" not in done.stderr,
             "migrate with a bad configuration: 78", done.stderr)


def check_config():
    key, good = h.new_secret(), {"url": "https://mis.example/hook"}
    with h.Daemon(options={"source": "dbname=x"}) as ehc:
        def check(*args, env=None, **hook):
            ehc.webhooks = {"desk": {**good, **hook}} if hook else {}
            ehc.write_config()
            ehc.env = {k: v for k, v in os.environ.items() if k != "CREDENTIALS_DIRECTORY"} | (env or {})
            done = ehc.command("check-config", *args)
            return done.returncode, done.stdout, done.stderr.replace(str(ehc.dir), "DIR")

        t.eq(check(), (0, "", ""), "a good configuration: silence and 0")
        t.eq(check(secret=key), (0, "", ""), "with a webhook and its secret")
        code, out, err = check("--print", secret=key)
        t.ok((code, err) == (0, "") and 'source = "dbname=x"' in out and "poll_interval = 1\n" in out and key not in out,
             "--print shows what holds, without the secret", (code, out, err))
        ehc.conf.write_text(out)
        done = ehc.command("check-config", "--print")
        t.eq((done.returncode, done.stdout), (0, out), "what --print says reads back to the same")
        t.eq(check(secret=key, limits=["no_such_limit"])[0], 78, "an unknown limit: 78")
        t.eq(check(secret_file=secret_file(ehc, "s", key[:-4] + "!!!!\n")),
             (78, "", 'DIR/ehcwatchd.conf: webhook "desk": secret_file DIR/s:1: not a usable key; each line must be whsec_ and a '
                      'padded base64 key of 24 to 64 bytes\n'), "a damaged secret: file, webhook, line")
        code, out, err = check(secret_file=secret_file(ehc, "s", key + "\n", 0o644))
        t.ok(code == 78 and err.startswith('DIR/ehcwatchd.conf: webhook "desk": secret_file DIR/s: mode 0644') and key not in err,
             "a secret open to others", err)
        t.eq(check(secret_file=secret_file(ehc, "s", key[:-4] + "!!!!\n"), enabled=False), (0, "", ""), "not if the webhook is disabled")
        t.eq(check(secret_file="credential:mis"), (0, "", ""), "a credential is not asked for by hand")
        code, _, err = check(secret_file="credential:mis", env={"CREDENTIALS_DIRECTORY": str(ehc.dir)})
        t.ok(code == 78 and err == 'DIR/ehcwatchd.conf: webhook "desk": secret_file DIR/mis: No such file or directory\n',
             "but under systemd it is", err)
        secret_file(ehc, "mis", key + "\n")
        t.eq(check(secret_file="credential:mis", env={"CREDENTIALS_DIRECTORY": str(ehc.dir)}), (0, "", ""), "and found")
        ehc.options["source_password_file"] = secret_file(ehc, "pw", "\n")
        t.eq(check(), (78, "", "DIR/ehcwatchd.conf: source_password_file DIR/pw:1: empty; write the password on the first line\n"),
             "an empty password file")
        ehc.options["source_password_file"] = secret_file(ehc, "pw", PASSWORD + "\n")
        ehc.options |= {"state": "dbname=y", "state_password_file": secret_file(ehc, "pw2", "a\0b\n")}
        t.eq(check(), (78, "", "DIR/ehcwatchd.conf: state_password_file DIR/pw2:1: holds a NUL byte; a password is text\n"),
             "the state's own password file")
        ehc.options["poll_interval"] = 0
        code, out, err = check("--print")
        t.ok((code, out) == (78, "") and re.match(r"DIR/ehcwatchd\.conf:\d+: poll_interval", err), "a bad value: file, line, 78", err)
        with open("/dev/full", "w", encoding="ascii") as full:
            ehc.options = {"source": "dbname=x"}
            ehc.write_config()
            done = subprocess.run([ehc.program, "check-config", "-c", ehc.conf, "--print"], check=False, stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        t.eq(done.returncode, 1, "output that cannot be written: 1")
        done = subprocess.run([ehc.program, "check-config", "-c", ehc.dir / "absent"], check=False, capture_output=True, text=True)
        t.eq(done.returncode, 78, "no such configuration: 78")


def main():
    check_names()
    check_usage()
    check_config()
    with Db() as db:
        check_fresh(db)
        check_privileges(db)
        for part in (check_two_at_once, check_only, check_newer, check_conflict, check_line, check_lost, check_views, check_unprivileged,
                     check_hostile_settings, check_unreachable, check_password):
            with t.case(part.__name__):
                part(db)
    t.done()


if __name__ == "__main__":
    main()
