/* The configuration: every message with its file and line, every value, the way back through config_print, and the
 * manual page that must say the same as the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "config.h"
#include "config_check.h"
#include "egress.h"
#include "local_rules.h"

static bool known(const char *id)
{
    return strcmp(id, "final_plan_20w") == 0 || strcmp(id, "assess_decision_6w") == 0 ||
           strcmp(id, "cease_not_before") == 0;
}

/* A file in a directory of its own; TEXT may hold @DIR@, which stands for that directory. */
struct place {
    char dir[32], path[64], secret[64];
};

static void write_text(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void place_make(struct place *p)
{
    snprintf(p->dir, sizeof p->dir, "/tmp/ehcw.XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/t.conf", p->dir);
    snprintf(p->secret, sizeof p->secret, "%s/secret", p->dir);
    write_text(p->secret, "x\n", 2);
}

static void place_drop(const struct place *p)
{
    unlink(p->path);
    unlink(p->secret);
    rmdir(p->dir);
}

static struct config *load(const struct place *p, const char *text, struct err *e)
{
    char *whole = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&whole, &len);
    for (const char *at; (at = strstr(text, "@DIR@")) != NULL; text = at + 5)
        fprintf(out, "%.*s%s", (int)(at - text), text, p->dir);
    fputs(text, out);
    fclose(out);
    write_text(p->path, whole, len);
    free(whole);
    return config_load(p->path, known, e);
}

#define SRC "source = \"dbname=casework\"\n"
#define HOOK(s)                                                                                              \
    SRC "webhook \"mis\" {\n url = \"https://mis.example/in\"\n secret_file = \"@DIR@/secret\"\n" s "\n}\n"
#define AS(format, s) SRC "webhook \"a\" {\n format = \"" format "\"\n " s "\n}\n"
#define MAIL(s)       AS("email", "url = \"smtp://relay.example:587\"\n mail_from = \"ehc@council.example\"\n" s)
#define STD(s)                                                                                               \
    SRC "standard \"ack\" {\n title = \"Answer\"\n start = {\"request_received\"}\n"                         \
        " discharge = {\"assess_agreed\"}\n within = \"5 working days\"\n" s "\n}\n"
#define STD_OF(title, start, discharge, within)                                                              \
    SRC "standard \"ack\" {\n title = " title "\n start = " start "\n discharge = " discharge                \
        "\n within = " within "\n}\n"
#define WITHIN(w)     STD_OF("\"Answer\"", "{\"request_received\"}", "{\"assess_agreed\"}", "\"" w "\"")
#define NOT_WITHIN(w) ":6: within: '" w "' is not a number of 1 to 999 days, weeks, working days or months"
#define SIXTEEN                                                                                              \
    "\"10.0.0.1\", \"10.0.0.2\", \"10.0.0.3\", \"10.0.0.4\", \"10.0.0.5\", \"10.0.0.6\", \"10.0.0.7\", "     \
    "\"10.0.0.8\", "                                                                                         \
    "\"10.0.0.9\", \"10.0.0.10\", \"10.0.0.11\", \"10.0.0.12\", \"10.0.0.13\", \"10.0.0.14\", "              \
    "\"10.0.0.15\", "                                                                                        \
    "\"10.0.0.16\""
#define TWELVE                                                                                               \
    "\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\","             \
    "\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\",\"draft_sent\""
#define ENV_TEXT "nothing is taken from the environment"

static const struct bad {
    const char *name, *text, *message; /* the message after the path; @DIR@ as above */
} BAD[] = {
    {"empty file", "", ": source is missing"},
    {"only a comment", "# nothing\n/* at\n all */\n", ": source is missing"},
    {"required missing", "poll_interval = 5\n", ": source is missing"},
    {"unknown option", SRC "\npol_interval = 5\n", ":3: no such option 'pol_interval'"},
    {"unknown option after a block comment", "/* one\n two */ nope = 1\n", ":2: no such option 'nope'"},
    {"unknown option in a webhook", HOOK(" secret = \"x\""), ":5: no such option 'secret'"},
    {"option of the other section", SRC "url = \"https://x.example\"\n", ":2: no such option 'url'"},
    {"unknown section", SRC "hook \"x\" {\n}\n", ":2: no such option 'hook'"},
    {"twice at the top", SRC "listen = \"[::1]:1\"\n\nlisten = \"[::1]:1\"\n",
     ":4: listen is already set on line 2"},
    {"twice, an empty list", SRC "limits = {}\nlimits = {\"all\"}\n", ":3: limits is already set on line 2"},
    {"twice in a webhook", HOOK(" timeout = 3\n timeout = 4"), ":6: timeout is already set on line 5"},
    {"appended list", SRC "limits = {\"all\"}\nlimits += {\"auto\"}\n",
     ":3: += is refused: write the list once, whole"},
    {"webhook twice", HOOK("") "webhook \"mis\" {\n}\n", ":7: found duplicate title 'mis'"},
    {"webhook without a name", SRC "webhook {\n}\n",
     ":2: '=' is expected after webhook (or a name in quotes, for a section)"},
    {"webhook with a bad name", SRC "\nwebhook \"My hook\" {\n}\n",
     ":3: webhook \"My hook\": a name is 1 to 32 of a-z, 0-9, '_' and '-'"},
    {"webhook with an empty name", SRC "webhook \"\" {\n}\n",
     ":2: webhook \"\": a name is 1 to 32 of a-z, 0-9, '_' and '-'"},
    {"webhook with a long name", SRC "webhook \"a23456789012345678901234567890123\" {\n}\n",
     ":2: webhook \"a23456789012345678901234567890123\": a name is 1 to 32 of a-z, 0-9, '_' and '-'"},
    {"webhook without url", SRC "\nwebhook \"a\"\n{\n secret_file = \"@DIR@/secret\"\n}\n",
     ":3: webhook \"a\" has no url"},
    {"webhook without secret", HOOK("") "webhook \"b\" {\n url = \"https://x.example\"\n}\n",
     ":7: webhook \"b\" has no secret_file"},
    {"meeting with a name", SRC "meeting \"a\" {\n}\n", ":2: meeting has no name: there is only one"},
    {"meeting twice", SRC "meeting {\n}\n\nmeeting {\n}\n", ":5: meeting is already there, on line 2"},
    {"meeting in a section", HOOK(" meeting {\n }"), ":5: no such option 'meeting'"},
    {"meeting not closed", SRC "meeting {\n time = \"10:00\"\n", ":2: this section is not closed"},
    {"meeting: unknown option", SRC "meeting {\n day = \"monday\"\n}\n", ":3: no such option 'day'"},
    {"meeting: an option of the top", SRC "meeting {\n listen = \"[::1]:1\"\n}\n",
     ":3: no such option 'listen'"},
    {"meeting: no such day", SRC "meeting {\n\n weekday = \"mon\"\n}\n",
     ":4: weekday: 'mon' is not one of monday tuesday wednesday thursday friday saturday sunday"},
    {"meeting: no time", SRC "meeting { weekday = \"monday\"\n time = \"9:30\" }\n",
     ":3: time: '9:30' is not a time of day, such as 08:00"},
    {"meeting: too long", SRC "meeting {\n minutes = 1441\n}\n",
     ":3: minutes must be a whole number from 0 to 1440, not '1441'"},
    {"meeting: an option twice", SRC "meeting {\n minutes = 1\n minutes = 2\n}\n",
     ":4: minutes is already set on line 3"},
    {"section not closed", SRC "webhook \"a\" {\n url = \"https://x.example\"\n",
     ":2: this section is not closed"},
    {"byte order mark", "\xef\xbb\xbf" SRC,
     ":1: the file begins with a byte order mark: save it as UTF-8 without one"},
    {"byte order mark alone", "\xef\xbb\xbf",
     ":1: the file begins with a byte order mark: save it as UTF-8 without one"},
    {"stray brace", SRC "\n}\n", ":3: unexpected closing brace"},
    {"nested section", SRC "webhook \"a\" {\n webhook \"b\" {\n }\n}\n", ":3: no such option 'webhook'"},
    {"list not closed", SRC "limits = {\"all\"\nlisten = \"[::1]:1\"\n",
     ":2: the list of limits is not closed"},
    {"list without a comma", SRC "limits = {\n\"final_plan_20w\"\n\"assess_decision_6w\"}\n",
     ":4: unexpected token 'assess_decision_6w'"},
    {"string not closed", "source = \"dbname=casework\npoll_interval = 3\n",
     ":1: this string is not closed on its line"},
    {"comment not closed", SRC "/* to the end\n\n", ":2: this comment is not closed"},
    {"no equal sign", SRC "poll_interval\nlisten = \"[::1]:1\"\n",
     ":2: '=' is expected after poll_interval (or a name in quotes, for a section)"},
    {"no value", SRC "poll_interval =\n\n", ":2: poll_interval has no value"},
    {"two values", SRC "poll_interval = 1 2\n",
     ":2: '=' is expected after 2 (or a name in quotes, for a section)"},
    {"option name in quotes", "\"source\" = \"dbname=x\"\n",
     ":1: the name of an option is expected here, without quotes"},
    {"environment in quotes", SRC "listen = \"${LISTEN}\"\n",
     ":2: ${ is refused: " ENV_TEXT " (write \\${ for the two characters themselves)"},
    {"environment without quotes", SRC "\nlisten = ${LISTEN}\n", ":3: ${ is refused: " ENV_TEXT},
    {"unknown escape", SRC "listen = \"\\x31\"\n", ":2: after a backslash only \\, \" and $ may stand"},
    {"single quotes", SRC "listen = '[::1]:1'\n", ":2: unexpected ' (text stands in double quotes)"},
    {"function call", SRC "include(\"x\")\n", ":2: unexpected ( (text stands in double quotes)"},
    {"not UTF-8", SRC "# caf\xe9\n", ":2: byte 0xe9 is not UTF-8"},
    {"overlong UTF-8", SRC "# \xc0\xaf\n", ":2: byte 0xc0 is not UTF-8"},
    {"control character", SRC "listen = \"\x01\"\n", ":2: control character 0x01"},
    {"list where one value belongs", SRC "listen = {\"[::1]:1\"}\n", ":2: unexpected token '{'"},
    {"poll_interval 0", SRC "poll_interval = 0\n",
     ":2: poll_interval must be a whole number from 1 to 3600, not '0'"},
    {"poll_interval 3601", SRC "poll_interval = 3601\n",
     ":2: poll_interval must be a whole number from 1 to 3600, not '3601'"},
    {"poll_interval octal", SRC "poll_interval = 010\n",
     ":2: poll_interval must be a whole number from 1 to 3600, not '010'"},
    {"poll_interval huge", SRC "poll_interval = 99999999999999999999\n",
     ":2: poll_interval must be a whole number from 1 to 3600, not '99999999999999999999'"},
    {"poll_interval fraction", SRC "poll_interval = 1.5\n",
     ":2: poll_interval must be a whole number from 1 to 3600, not '1.5'"},
    {"log_level", SRC "log_level = loud\n",
     ":2: log_level: 'loud' is not one of error warning notice info debug"},
    {"drain_timeout", SRC "drain_timeout = -1\n",
     ":2: drain_timeout must be a whole number from 0 to 60, not '-1'"},
    {"stale_after", SRC "stale_after = 9\n",
     ":2: stale_after must be a whole number from 10 to 86400, not '9'"},
    {"metrics_labels", SRC "metrics_labels = {\n\"team\",\n\"officer\"}\n",
     ":4: metrics_labels: 'officer' is not one of locality team"},
    {"limit unknown", SRC "limits = {\"final_plan_20w\", # known\n \"final_plan_19w\"}\n",
     ":3: limits: there is no limit 'final_plan_19w' (`ehcwatchd rules` lists them)"},
    {"all beside an id", SRC "limits = {\"all\", \"final_plan_20w\"}\n", ":2: limits: all stands alone"},
    {"empty text", SRC "listen = \"\"\n", ":2: listen: an empty text"},
    {"empty item", HOOK(" teams = {\"\"}"), ":5: teams: an empty text"},
    {"password in source", "source = \"dbname=x password=geheim\"\n",
     ":1: source: password does not belong into a connection string: put it into a file of its own and name "
     "that "
     "(source_password_file)"},
    {"password in a URI", SRC "state = \"postgresql://u:geheim@h/db\"\n",
     ":2: state: password does not belong into a connection string: put it into a file of its own and name "
     "that "
     "(state_password_file)"},
    {"passfile", "source = \"passfile=/x dbname=x\"\n",
     ":1: source: passfile does not belong into a connection string: put the password into a file of its own "
     "and "
     "name that (source_password_file)"},
    {"service", "source = \"service=x\"\n",
     ":1: source: service does not belong into a connection string: write the connection options out"},
    {"unknown libpq option", "source = \"hots=x\"\n",
     ":1: source: the connection string cannot be read: invalid connection option \"hots\""},
    {"source_password_file relative", SRC "source_password_file = \"secret\"\n",
     ":2: source_password_file must be an absolute path or credential:NAME (the secret itself never stands "
     "here)"},
    {"state_password_file alone", SRC "state_password_file = \"@DIR@/secret\"\n",
     ":2: state_password_file without state: with one database, source_password_file is used"},
    {"password file absent", SRC "\nsource_password_file = \"@DIR@/none\"\n",
     ":3: source_password_file: @DIR@/none: No such file or directory"},
    {"calendar_file relative", SRC "calendar_file = \"bank.csv\"\n",
     ":2: calendar_file must be an absolute path"},
    {"ca_file absent", SRC "ca_file = \"@DIR@/none\"\n",
     ":2: ca_file: @DIR@/none: No such file or directory"},
    {"listen everywhere", SRC "listen = \"0.0.0.0:9820\"\n",
     ":2: listen: other machines can reach this and have to say who they are, and nobody can: set "
     "api_token_file, or web_config_file with basic_auth_users"},
    {"http_auth without anybody", SRC "http_auth = \"always\"\n",
     ":2: http_auth: everybody has to say who he is, and nobody can: set api_token_file, or web_config_file "
     "with basic_auth_users"},
    {"http_auth of another word", SRC "http_auth = \"never\"\n",
     ":2: http_auth: 'never' is not one of remote always"},
    {"listen on all IPv6", SRC "listen = \"[::]:9820\"\n",
     ":2: listen: other machines can reach this and have to say who they are, and nobody can: set "
     "api_token_file, or web_config_file with basic_auth_users"},
    {"listen on a name", SRC "listen = \"localhost:9820\"\n",
     ":2: listen: 'localhost:9820' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"},
    {"listen without a port", SRC "listen = \"127.0.0.1\"\n",
     ":2: listen: '127.0.0.1' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"},
    {"listen on port 65536", SRC "listen = \"127.0.0.1:65536\"\n",
     ":2: listen: '127.0.0.1:65536' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"},
    {"listen on IPv6 without brackets", SRC "listen = \"::1:9820\"\n",
     ":2: listen: '::1:9820' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"},
    {"listen on an open bracket", SRC "listen = \"[:1\"\n",
     ":2: listen: '[:1' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"},
    {"listen on a relative socket", SRC "listen = \"unix:run/x\"\n",
     ":2: listen: unix: needs an absolute path"},
    {"webhook limit auto", HOOK(" limits = {\"auto\"}"),
     ":5: limits: there is no limit 'auto' (`ehcwatchd rules` lists them)"},
    {"webhook state", HOOK(" states = {\"late\"}"),
     ":5: states: 'late' is not one of at_risk breached met met_late excepted void missed restated"},
    {"webhook kind", HOOK(" kinds = {\"legal\"}"),
     ":5: kinds: 'legal' is not one of statutory target guidance floor derived local"},
    {"webhook format", HOOK(" format = \"telex\""),
     ":5: format: 'telex' is not one of standard cloudevents alertmanager pagerduty teams slack ntfy email"},
    {"webhook signed in vain", HOOK(" format = \"teams\""),
     ":4: secret_file has no meaning for the format teams"},
    {"webhook url twice", HOOK(" url_file = \"@DIR@/secret\""), ":5: url and url_file: one of them says it"},
    {"webhook url_file absent", AS("slack", "url_file = \"@DIR@/none\""),
     ":4: url_file: @DIR@/none: No such file or directory"},
    {"webhook url_file in the file", AS("slack", "url_file = \"https://geheim\""),
     ":4: url_file must be an absolute path or credential:NAME (the secret itself never stands here)"},
    {"cloudevents without secret", AS("cloudevents", "url = \"https://x.example\""),
     ":2: webhook \"a\" has no secret_file"},
    {"ntfy without topic", AS("ntfy", "url = \"https://x.example\""), ":2: webhook \"a\" has no topic"},
    {"ntfy topic with a slash", AS("ntfy", "url = \"https://x.example\" topic = \"a/b\""),
     ":4: topic is 1 to 64 of A-Z, a-z, 0-9, '_' and '-'"},
    {"topic of another", AS("teams", "url = \"https://x.example\"\n topic = \"a\""),
     ":5: topic has no meaning for the format teams"},
    {"pagerduty without key", AS("pagerduty", "url = \"https://x.example\""),
     ":2: webhook \"a\" has no routing_key_file"},
    {"email over https", AS("email", "url = \"https://x.example\""),
     ":4: url: mail goes to a relay, smtp://HOST:PORT or smtps://HOST:PORT"},
    {"webhook to a relay", AS("teams", "url = \"smtp://x.example\""),
     ":4: url must be a whole https:// or http:// address"},
    {"public_url a relay", SRC "public_url = \"smtp://x.example\"\n",
     ":2: public_url must be a whole https:// or http:// address"},
    {"email without from", AS("email", "url = \"smtp://x.example\""), ":2: webhook \"a\" has no mail_from"},
    {"email without to", AS("email", "url = \"smtp://x.example\" mail_from = \"a@b.example\""),
     ":2: webhook \"a\" has no mail_to"},
    {"email to nobody", MAIL(" mail_to = {\"c\"}"),
     ":6: mail_to: 'c' is not a mail address of the form name@host"},
    {"email to two in one", MAIL(" mail_to = {\"a@b.example, c@d.example\"}"),
     ":6: mail_to: 'a@b.example, c@d.example' is not a mail address of the form name@host"},
    {"email with a name", MAIL(" mail_to = {\"SEN <c@d.example>\"}"),
     ":6: mail_to: 'SEN <c@d.example>' is not a mail address of the form name@host"},
    {"email user alone", MAIL(" mail_to = {\"c@d.example\"}\n user = \"u\""),
     ":7: user and password_file go together"},
    {"email password alone", MAIL(" mail_to = {\"c@d.example\"}\n password_file = \"@DIR@/secret\""),
     ":7: user and password_file go together"},
    {"email password in the clear",
     MAIL(" mail_to = {\"c@d.example\"}\n user = \"u\" password_file = \"@DIR@/secret\" allow_plain = true"),
     ":7: with allow_plain the password could be read on the way: leave out one of the two"},
    {"webhook refresh", HOOK(" refresh = 9"), ":5: refresh must be a whole number from 10 to 3600, not '9'"},
    {"webhook concurrency", HOOK(" concurrency = 33"),
     ":5: concurrency must be a whole number from 1 to 32, not '33'"},
    {"webhook rate", HOOK(" rate = 1001"), ":5: rate must be a whole number from 0 to 1000, not '1001'"},
    {"webhook burst", HOOK(" burst = 0"), ":5: burst must be a whole number from 1 to 1000, not '0'"},
    {"webhook order", HOOK(" order = \"loose\""), ":5: order: 'loose' is not one of skip_dead strict"},
    {"webhook operator", HOOK(" operator = 2"), ":5: operator must be true or false, not '2'"},
    {"webhook timeout", HOOK(" timeout = 0"), ":5: timeout must be a whole number from 1 to 60, not '0'"},
    {"allow a word that is no host", HOOK(" allow = {\"fd00::/8\", \"a b\"}"),
     ":5: allow: 'a b' is neither a network such as 10.1.2.0/24, nor an address, nor a host name"},
    {"allow half an address", HOOK(" allow = {\"10.1.2\"}"),
     ":5: allow: '10.1.2' is neither a network such as 10.1.2.0/24, nor an address, nor a host name"},
    {"allow a number in hex", HOOK(" allow = {\"0x7f.1\"}"),
     ":5: allow: '0x7f.1' is neither a network such as 10.1.2.0/24, nor an address, nor a host name"},
    {"allow a wildcard", HOOK(" allow = {\"*.council.example\"}"),
     ":5: allow: '*.council.example' is neither a network such as 10.1.2.0/24, nor an address, nor a host "
     "name"},
    {"allow everything", HOOK(" allow = {\"0.0.0.0/0\"}"),
     ":5: allow: '0.0.0.0/0' must end with a length of 1 to 32"},
    {"allow too long a length", HOOK(" allow = {\"fd00::/129\"}"),
     ":5: allow: 'fd00::/129' must end with a length of 1 to 128"},
    {"allow a network with a host in it", HOOK(" allow = {\"10.1.2.3/24\"}"),
     ":5: allow: '10.1.2.3/24' has bits set beyond its first 24"},
    {"allow too much", HOOK(" kinds = {}\n allow = {" SIXTEEN ", \"10.0.0.17\"}"),
     ":6: allow: 17 items, 16 is the most"},
    {"proxy of another kind", SRC "proxy = \"socks5://proxy:1080\"\n",
     ":2: proxy must be a whole https:// or http:// address"},
    {"proxy with a password", HOOK(" proxy = \"http://u:geheim@proxy:3128\""),
     ":5: proxy must not have a user or password in it"},
    {"no ca_file of a webhook", HOOK(" kinds = {}\n ca_file = \"@DIR@/none.pem\""),
     ":6: ca_file: @DIR@/none.pem: No such file or directory"},
    {"webhook flag", HOOK(" enabled = maybe"), ":5: enabled must be true or false, not 'maybe'"},
    {"a digest for an alertmanager", AS("alertmanager", "url = \"https://x.example\"\n send = daily"),
     ":5: send: a message in the format alertmanager is about one transition"},
    {"send in another word", HOOK(" send = hourly"),
     ":5: send: 'hourly' is not one of auto every immediate daily weekly"},
    {"a time without a nought", HOOK(" send = daily\n digest_at = \"8:00\""),
     ":6: digest_at: '8:00' is not a time of day, such as 08:00"},
    {"a time past the day", HOOK(" digest_at = \"24:00\""),
     ":5: digest_at: '24:00' is not a time of day, such as 08:00"},
    {"a day in full", HOOK(" digest_day = monday"),
     ":5: digest_day: 'monday' is not one of mon tue wed thu fri sat sun"},
    {"half of the quiet hours", HOOK(" send = daily\n quiet_hours = \"18:00\""),
     ":6: quiet_hours: '18:00' is not two different times of day, such as 18:00-08:00"},
    {"quiet hours that never end", HOOK(" send = daily\n quiet_hours = \"18:00-18:00\""),
     ":6: quiet_hours: '18:00-18:00' is not two different times of day, such as 18:00-08:00"},
    {"a digest in the quiet hours",
     HOOK(" send = daily\n quiet_hours = \"18:00-08:01\"\n digest_at = \"08:00\""),
     ":6: quiet_hours covers digest_at, 08:00"},
    {"the digest's own time is quiet", HOOK(" send = daily\n quiet_hours = \"18:00-09:00\""),
     ":6: quiet_hours covers digest_at, 08:00"},
    {"quiet hours for machines", HOOK(" quiet_hours = \"18:00-08:00\""),
     ":5: quiet_hours is for people: this endpoint is told every transition (send)"},
    {"reminders for machines", HOOK(" remind_days = 5"),
     ":5: remind_days is for people: this endpoint is told every transition (send)"},
    {"escalation of every transition", HOOK(" send = every\n escalate_days = 5"),
     ":6: escalate_days is for people: this endpoint is told every transition (send)"},
    {"reminders without end", HOOK(" send = daily\n remind_days = 251"),
     ":6: remind_days must be a whole number from 0 to 250, not '251'"},
    {"webhook over http",
     SRC "webhook \"a\" {\n secret_file = \"@DIR@/secret\"\n url = \"HTTP://x.example/\"\n}\n",
     ":4: url is plain http, which anybody on the way can read: use https, or set allow_http = true"},
    {"webhook over ftp", SRC "webhook \"a\" {\n url = \"ftp://x.example/\"\n}\n",
     ":3: url must be a whole https:// or http:// address"},
    {"webhook without a scheme", SRC "webhook \"a\" {\n url = \"x.example/in\"\n}\n",
     ":3: url must be a whole https:// or http:// address"},
    {"webhook without a host", SRC "webhook \"a\" {\n url = \"https://\"\n}\n",
     ":3: url must be a whole https:// or http:// address"},
    {"webhook with a password", SRC "webhook \"a\" {\n url = \"https://u:geheim@x.example\"\n}\n",
     ":3: url must not have a user or password in it"},
    {"webhook secret in the file", SRC "webhook \"a\" {\n secret_file = \"whsec_geheim\"\n}\n",
     ":3: secret_file must be an absolute path or credential:NAME (the secret itself never stands here)"},
    {"webhook credential with a slash", SRC "webhook \"a\" {\n secret_file = \"credential:../x\"\n}\n",
     ":3: secret_file must be an absolute path or credential:NAME (the secret itself never stands here)"},
    {"webhook secret absent",
     SRC "webhook \"a\" {\n url = \"https://x.example\"\n\n secret_file = \"@DIR@/none\"\n}\n",
     ":5: secret_file: @DIR@/none: No such file or directory"},

    {"standard without a name", SRC "standard {\n}\n",
     ":2: '=' is expected after standard (or a name in quotes, for a section)"},
    {"standard with a bad name", SRC "\nstandard \"my-own\" {\n}\n",
     ":3: standard \"my-own\": a name is 1 to 40 of a-z, 0-9 and '_'"},
    {"standard with a long name", SRC "standard \"a2345678901234567890123456789012345678901\" {\n}\n",
     ":2: standard \"a2345678901234567890123456789012345678901\": a name is 1 to 40 of a-z, 0-9 and '_'"},
    {"standard with a statutory name", SRC "\nstandard \"final_plan_20w\" {\n}\n",
     ":3: standard \"final_plan_20w\": this name is taken"},
    {"standard called all", SRC "standard \"all\" {\n}\n", ":2: standard \"all\": this name is taken"},
    {"standard called auto", SRC "standard \"auto\" {\n}\n", ":2: standard \"auto\": this name is taken"},
    {"standard twice", STD("") "standard \"ack\" {\n}\n", ":9: found duplicate title 'ack'"},
    {"standard without title", SRC "standard \"a\" {\n}\n", ":2: standard \"a\" has no title"},
    {"standard without start", SRC "standard \"a\" {\n title = \"A\"\n}\n",
     ":2: standard \"a\" has no start"},
    {"standard without discharge", SRC "standard \"a\" {\n title = \"A\"\n start = {\"draft_sent\"}\n}\n",
     ":2: standard \"a\" has no discharge"},
    {"standard without within",
     SRC "standard \"a\" {\n title = \"A\"\n start = {\"draft_sent\"}\n discharge = {\"plan_issued\"}\n}\n",
     ":2: standard \"a\" has no within"},
    {"standard with an empty title", STD_OF("\"\"", "{\"draft_sent\"}", "{\"plan_issued\"}", "\"1 day\""),
     ":3: title: an empty text"},
    {"standard with an empty start", STD_OF("\"A\"", "{}", "{\"plan_issued\"}", "\"1 day\""),
     ":4: standard \"ack\": start is empty"},
    {"standard with an empty discharge", STD_OF("\"A\"", "{\"draft_sent\"}", "{}", "\"1 day\""),
     ":5: standard \"ack\": discharge is empty"},
    {"standard with an unknown event",
     STD_OF("\"A\"", "{\"draft_sent\",\n\"panel_lunch\"}", "{}", "\"1 day\""),
     ":5: start: there is no event 'panel_lunch'"},
    {"standard with an unknown discharge",
     STD_OF("\"A\"", "{\"draft_sent\"}", "{\"Plan_issued\"}", "\"1 day\""),
     ":5: discharge: there is no event 'Plan_issued'"},
    {"standard with an unknown void", STD(" void = {\"x\"}"), ":7: void: there is no event 'x'"},
    {"standard with an unknown lapse", STD(" lapse = \"x\""), ":7: lapse: there is no event 'x'"},
    {"standard with an unknown subject", STD(" void = {\"advice_received:dentist\"}"),
     ":7: void: there is no subject 'dentist'"},
    {"standard with an empty subject", STD(" void = {\"advice_received:\"}"),
     ":7: void: there is no subject ''"},
    {"standard with an empty event", STD(" void = {\":health\"}"), ":7: void: there is no event ''"},
    {"standard with thirteen events", STD(" void = {" TWELVE ",\"draft_sent\"}"),
     ":7: standard \"ack\": void has 13 events, 12 is the most"},
    {"standard within nothing", WITHIN("soon"), NOT_WITHIN("soon")},
    {"standard within 0", WITHIN("0 days"), NOT_WITHIN("0 days")},
    {"standard within 05", WITHIN("05 days"), NOT_WITHIN("05 days")},
    {"standard within 1000", WITHIN("1000 days"), NOT_WITHIN("1000 days")},
    {"standard within a number", WITHIN("5"), NOT_WITHIN("5")},
    {"standard within fortnights", WITHIN("2 fortnights"), NOT_WITHIN("2 fortnights")},
    {"standard within and more", WITHIN("2 days "), NOT_WITHIN("2 days ")},
    {"standard within 2 day", WITHIN("2 day"), NOT_WITHIN("2 day")},
    {"standard within two blanks", WITHIN("2  days"), NOT_WITHIN("2  days")},
    {"standard within -1", WITHIN("-1 days"), NOT_WITHIN("-1 days")},
    {"standard per start", STD(" per = \"start\""), ":7: per: 'start' is not one of once case subject cycle"},
    {"standard life", STD(" life = \"child\""), ":7: life: 'child' is not one of request plan case"},
    {"standard warn_days", STD(" warn_days = 366"),
     ":7: warn_days must be a whole number from 0 to 365, not '366'"},
    {"standard with a foreign option", STD(" url = \"x\""), ":7: no such option 'url'"},
    {"standard with an option twice", STD(" within = \"1 day\""), ":7: within is already set on line 6"},
    {"limit that only a threshold names", SRC "limits = {\"ack\"}\nthreshold \"ack\" {\n warn_days = 1\n}\n",
     ":2: limits: there is no limit 'ack' (`ehcwatchd rules` lists them)"},
    {"threshold of nothing", SRC "\nthreshold \"ack\" {\n warn_days = 1\n}\n",
     ":3: threshold \"ack\": there is no such limit (`ehcwatchd rules` lists them)"},
    {"threshold with a bad name", SRC "threshold \"a b\" {\n}\n",
     ":2: threshold \"a b\": a name is 1 to 40 of a-z, 0-9 and '_'"},
    {"threshold without warn_days", SRC "threshold \"final_plan_20w\" {\n}\n",
     ":2: threshold \"final_plan_20w\" has no warn_days"},
    {"threshold too long", SRC "threshold \"final_plan_20w\" {\n warn_days = 366\n}\n",
     ":3: warn_days must be a whole number from 0 to 365, not '366'"},
    {"threshold twice",
     SRC "threshold \"final_plan_20w\" { warn_days = 1 }\nthreshold \"final_plan_20w\" { warn_days = 1 }\n",
     ":3: found duplicate title 'final_plan_20w'"},
    {"threshold of a floor", SRC "threshold \"cease_not_before\" {\n warn_days = 1\n}\n",
     ":2: threshold \"cease_not_before\": a \"not before\" is never at risk"},
    {"webhook after a standard is counted right",
     STD("") "webhook \"a\" {\n url = \"http://x.example\"\n"
             " secret_file = \"@DIR@/secret\"\n}\n",
     ":10: url is plain http, which anybody on the way can read: use https, or set allow_http = true"},
};

static void test_bad(void **state)
{
    const struct bad *row = *state;
    struct place p;
    place_make(&p);
    struct err e = {""};
    struct config *c = load(&p, row->text, &e);
    assert_null(c);
    char want[sizeof e.text];
    const char *at = strstr(row->message, "@DIR@");
    if (at != NULL)
        snprintf(want, sizeof want, "%s%.*s%s%s", p.path, (int)(at - row->message), row->message, p.dir,
                 at + 5);
    else
        snprintf(want, sizeof want, "%s%s", p.path, row->message);
    assert_string_equal(e.text, want);
    assert_null(strstr(e.text, "geheim"));
    assert_null(config_load(p.path, known, NULL));
    place_drop(&p);
}

static void test_no_such_file(void **state)
{
    (void)state;
    struct err e;
    assert_null(config_load("/nonexistent/x.conf", known, &e));
    assert_string_equal(e.text, "/nonexistent/x.conf: No such file or directory");
    assert_null(config_load("/tmp", known, &e));
    assert_string_equal(e.text, "/tmp: Is a directory");
}

static void test_too_large(void **state)
{
    (void)state;
    struct place p;
    struct err e;
    place_make(&p);
    size_t len = (1 << 20) + 1;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, '\n', len);
    write_text(p.path, text, len);
    assert_null(config_load(p.path, known, &e));
    assert_string_equal(e.text + strlen(p.path), ": larger than 1 MiB");
    free(text);
    place_drop(&p);
}

static void test_nul_byte(void **state)
{
    (void)state;
    struct place p;
    struct err e;
    place_make(&p);
    write_text(p.path, "source = \"dbname=x\0\"\n", 21);
    assert_null(config_load(p.path, known, &e));
    assert_string_equal(e.text + strlen(p.path), ":1: control character 0x00");
    place_drop(&p);
}

static void test_defaults(void **state)
{
    (void)state;
    struct place p;
    struct err e = {""};
    place_make(&p);
    struct config *c = load(&p, SRC, &e);
    assert_string_equal(e.text, "");
    assert_non_null(c);
    assert_string_equal(c->source, "dbname=casework");
    assert_string_equal(c->state, "dbname=casework");
    assert_null(c->source_password_file);
    assert_null(c->state_password_file);
    assert_string_equal(c->listen, "127.0.0.1:9820");
    assert_int_equal(c->poll_interval, 30);
    assert_int_equal(c->limits.n, 0);
    assert_null(c->calendar_file);
    assert_null(c->ca_file);
    assert_int_equal(c->log_level, LOG_INFO);
    assert_int_equal(c->drain_timeout, 10);
    assert_int_equal(c->stale_after, 300);
    assert_int_equal(c->metrics_labels.n, 0);
    assert_int_equal(c->n_webhooks, 0);
    assert_int_equal(c->n_meetings, 1); /* the default one */
    assert_int_equal(c->meeting->weekday, 1);
    assert_string_equal(c->meeting->time, "09:30");
    assert_int_equal(c->meeting->minutes, 120);
    config_free(c);
    config_free(NULL);
    place_drop(&p);
}

/* Everything set, with comments in every place and both ways of writing a list of one. */
static const char FULL[] =
    "# first\n"
    "source = \"dbname=casework host=/run/postgresql\" // where the facts are\r\n"
    "source_password_file = \"credential:db.pw\"\n"
    "state = \"dbname='my state' application_name='a\\\\'b\\\"\\${x}'\"\n"
    "state_password_file = \"@DIR@/secret\"\n"
    "listen = \"unix:/run/ehcwatchd/http\" /* a\n socket */\n"
    "poll_interval = 3600\n"
    "limits = { \"final_plan_20w\", # one\n"
    "           /* and */ \"assess_decision_6w\", \"ack_2\" }\n"
    "calendar_file = \"@DIR@/secret\" ca_file = \"@DIR@/secret\"\n"
    "log_level = debug\n"
    "proxy = \"http://[fd00::1]:3128\"\n"
    "drain_timeout = 0\n"
    "stale_after = 86400\n"
    "metrics_labels = \"team\"\n"
    "threshold \"ack_2\" { warn_days = 0 }\n"
    "webhook \"mis-1_a\" {\n"
    "    url = \"https://mis.example:8443/in?sig=a%20b#c\"\n"
    "    secret_file = \"@DIR@/secret\"\n"
    "    limits = {\"final_plan_20w\", \"ack_2\"}\n"
    "    states = {\"breached\", \"at_risk\"}\n"
    "    localities = {\"Ynys Môn\", \"North, \\\"old\\\"\"}\n"
    "    teams = {\"SEN 1\"}\n"
    "    kinds = {\"statutory\"}\n"
    "    format = \"standard\"\n"
    "    allow_internal = yes\n"
    "    allow = {\"10.1.2.0/24\", \"fd00::/8\", \"192.168.7.1\", \"mis.council.example\"}\n"
    "    proxy = direct\n"
    "    ca_file = \"@DIR@/secret\"\n"
    "    enabled = true\n"
    "    concurrency = 32\n"
    "    timeout = 60\n"
    "    rate = 1000\n"
    "    burst = 1\n"
    "    order = strict\n"
    "    operator = true\n"
    "}\n"
    "webhook \"plain\" { url = \"http://localhost/\" allow_http = true enabled = false\n"
    "                  secret_file = \"@DIR@/not-there-yet\" }\n"
    "webhook \"post\" { format = email url = \"smtp://relay.example:587\" mail_from = "
    "\"ehc@council.example\"\n"
    "    mail_to = {\"a@council.example\", \"b@council.example\"} user = \"ehc\" password_file = "
    "\"@DIR@/secret\"\n"
    "    allow_plain = false }\n"
    "webhook \"chat\" { format = teams url_file = \"@DIR@/secret\" }\n"
    "webhook \"push\" { format = ntfy url = \"https://ntfy.example\" topic = \"ehc-1_A\" }\n"
    "webhook \"page\" { format = pagerduty url = \"https://events.eu.pagerduty.com/v2/enqueue\"\n"
    "    routing_key_file = \"credential:page\" }\n"
    "webhook \"am\" { format = alertmanager url = \"https://am.example/api/v2/alerts\" refresh = 10 }\n"
    "webhook \"ce\" { format = cloudevents url = \"https://ce.example/\" secret_file = \"credential:ce\" }\n"
    "threshold \"final_plan_20w\" { warn_days = 365 }\n"
    "standard \"ack_2\" {\n"
    "    title = \"Answer, \\\"soon\\\"\"\n"
    "    start = {\"request_received\", \"advice_requested:health\"}\n"
    "    discharge = advice_received\n"
    "    void = {\"advice_received:health\"}\n"
    "    lapse = {\"plan_issued\"}\n"
    "    within = \"2 weeks\" per = cycle life = \"plan\" warn_days = 0\n"
    "}\n"
    "standard \"plain\" { title = \"T\" start = draft_sent discharge = plan_issued within = \"1 day\" }\n"
    "meeting { weekday = sunday time = \"00:05\" minutes = 0 }\n";

static void assert_list(const struct config_list *list, const char *want)
{
    char got[256] = "";
    for (size_t i = 0; i < list->n; i++) {
        size_t at = strlen(got);
        snprintf(got + at, sizeof got - at, "%s%s", i > 0 ? "|" : "", list->item[i]);
    }
    assert_string_equal(got, want);
}

static void assert_formats(const struct config_webhook *w)
{
    static const enum format formats[] = {FORMAT_EMAIL,     FORMAT_TEAMS,        FORMAT_NTFY,
                                          FORMAT_PAGERDUTY, FORMAT_ALERTMANAGER, FORMAT_CLOUDEVENTS};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        assert_int_equal(w[i].format, formats[i]);
    assert_string_equal(w[0].url, "smtp://relay.example:587");
    assert_string_equal(w[0].mail_from, "ehc@council.example");
    assert_list(&w[0].mail_to, "a@council.example|b@council.example");
    assert_string_equal(w[0].user, "ehc");
    assert_non_null(strstr(w[0].password_file, "/secret"));
    assert_false(w[0].allow_plain);
    assert_null(w[1].url);
    assert_non_null(strstr(w[1].url_file, "/secret"));
    assert_string_equal(w[2].topic, "ehc-1_A");
    assert_string_equal(w[3].routing_key_file, "credential:page");
    assert_int_equal(w[4].refresh, 10);
    assert_int_equal(w[5].refresh, 300);
}

/* The words of the configuration are those of the formats, in their order. */
static void test_format_words(void **state)
{
    (void)state;
    for (int f = 0; f < FORMAT_COUNT; f++)
        assert_int_equal(config_word_index(FORMAT_WORDS, format_name((enum format)f)), f);
    assert_int_equal(config_word_index(FORMAT_WORDS, "email"), FORMAT_COUNT - 1);
}

static void assert_full(const struct config *c)
{
    assert_string_equal(c->source_password_file, "credential:db.pw");
    assert_string_equal(c->state, "dbname='my state' application_name='a\\'b\"${x}'");
    assert_string_equal(c->listen, "unix:/run/ehcwatchd/http");
    assert_int_equal(c->poll_interval, 3600);
    assert_list(&c->limits, "final_plan_20w|assess_decision_6w|ack_2");
    assert_non_null(strstr(c->calendar_file, "/secret"));
    assert_non_null(strstr(c->ca_file, "/secret"));
    assert_int_equal(c->log_level, LOG_DEBUG);
    assert_int_equal(c->drain_timeout, 0);
    assert_int_equal(c->stale_after, 86400);
    assert_list(&c->metrics_labels, "team");
    assert_int_equal(c->n_webhooks, 8);
    const struct config_webhook *w = &c->webhook[0];
    assert_string_equal(w->name, "mis-1_a");
    assert_string_equal(w->url, "https://mis.example:8443/in?sig=a%20b#c");
    assert_list(&w->limits, "final_plan_20w|ack_2");
    assert_list(&w->states, "breached|at_risk");
    assert_list(&w->localities, "Ynys Môn|North, \"old\"");
    assert_list(&w->teams, "SEN 1");
    assert_list(&w->kinds, "statutory");
    assert_int_equal(w->format, FORMAT_STANDARD);
    assert_true(w->allow_internal && !w->allow_http && w->enabled);
    assert_list(&w->allow, "10.1.2.0/24|fd00::/8|192.168.7.1|mis.council.example");
    assert_string_equal(w->proxy, "direct");
    assert_non_null(strstr(w->ca_file, "/secret"));
    assert_null(egress_proxy(c, w));
    assert_int_equal(w->concurrency, 32);
    assert_int_equal(w->timeout, 60);
    assert_int_equal(w->rate, 1000);
    assert_int_equal(w->burst, 1);
    assert_true(w->order == 1 && w->operator);
    w++;
    assert_string_equal(w->name, "plain");
    assert_true(!w->allow_internal && w->allow_http && !w->enabled);
    assert_string_equal(egress_proxy(c, w), "http://[fd00::1]:3128");
    assert_list(&w->states, "");
    assert_int_equal(w->concurrency, 4);
    assert_int_equal(w->timeout, 20);
    assert_int_equal(w->rate, 0);
    assert_int_equal(w->burst, 10);
    assert_true(w->order == 0 && !w->operator);
    assert_formats(w + 1);
    assert_int_equal(c->n_standards, 2);
    const struct config_standard *s = &c->standard[0];
    assert_string_equal(s->name, "ack_2");
    assert_string_equal(s->title, "Answer, \"soon\"");
    assert_list(&s->start, "request_received|advice_requested:health");
    assert_list(&s->discharge, "advice_received");
    assert_list(&s->voids, "advice_received:health");
    assert_list(&s->lapse, "plan_issued");
    assert_string_equal(s->within, "2 weeks");
    assert_int_equal(s->per, PER_CYCLE);
    assert_int_equal(s->life, LIFE_PLAN);
    assert_int_equal(s->warn_days, 0);
    s++;
    assert_string_equal(s->name, "plain");
    assert_int_equal(s->per, PER_CASE);
    assert_int_equal(s->life, LIFE_CASE);
    assert_int_equal(s->warn_days, 2);
    assert_int_equal(c->n_thresholds, 2);
    assert_string_equal(c->threshold[0].name, "ack_2");
    assert_int_equal(c->threshold[0].warn_days, 0);
    assert_string_equal(c->threshold[1].name, "final_plan_20w");
    assert_int_equal(c->threshold[1].warn_days, 365);
    assert_int_equal(c->n_meetings, 1);
    assert_null(c->meeting->name);
    assert_int_equal(c->meeting->weekday, 6);
    assert_string_equal(c->meeting->time, "00:05");
    assert_int_equal(c->meeting->minutes, 0);
}

static char *printed(const struct config *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    config_print(c, out);
    fclose(out);
    return text;
}

static void test_full_and_back(void **state)
{
    (void)state;
    struct place p;
    struct err e = {""};
    place_make(&p);
    struct config *c = load(&p, FULL, &e);
    assert_string_equal(e.text, "");
    assert_full(c);
    char *first = printed(c);
    config_free(c);
    c = load(&p, first, &e);
    assert_string_equal(e.text, "");
    assert_full(c);
    char *second = printed(c);
    assert_string_equal(first, second);
    free(first);
    free(second);
    config_free(c);
    place_drop(&p);
}

/* What the sections come to. */
static void test_rulebook(void **state)
{
    (void)state;
    struct place p;
    struct err e = {""};
    place_make(&p);
    struct config *c = load(&p, FULL, &e);
    struct rulebook *rb = local_rules(c);
    config_free(c); /* the rulebook borrows nothing */
    assert_string_equal(rb->version, RULEBOOK_VERSION_LOCAL);
    assert_int_equal(rb->n, limit_count() + 2);
    assert_int_equal(rb->rule[limit_by_id("final_plan_20w")].warn_days, 365);
    int at = rulebook_find(rb, "ack_2");
    assert_int_equal(at, limit_count());
    const struct limit *l = rb->rule[at].limit;
    assert_string_equal(l->title, "Answer, \"soon\"");
    assert_int_equal(l->kind, KIND_LOCAL);
    assert_int_equal(l->starts[0].event, EV_REQUEST_RECEIVED);
    assert_int_equal(l->starts[0].subject, SUBJECT_NONE);
    assert_int_equal(l->starts[1].event, EV_ADVICE_REQUESTED);
    assert_int_equal(l->starts[1].subject, SUBJECT_HEALTH);
    assert_int_equal(l->starts[2].event, EV_UNKNOWN);
    assert_int_equal(l->discharged_by[0].event, EV_ADVICE_RECEIVED);
    assert_int_equal(l->voided_by[0].subject, SUBJECT_HEALTH);
    assert_int_equal(l->lapsed_by[0].event, EV_PLAN_ISSUED);
    assert_int_equal(l->per, PER_CYCLE);
    assert_int_equal(l->life, LIFE_PLAN);
    assert_int_equal(l->count, COUNT_WITHIN_WEEKS);
    assert_int_equal(l->n, 2);
    assert_int_equal(l->in_force_from, civil_from_ymd(2014, 9, 1));
    assert_int_equal(l->in_force_to, 0);
    assert_int_equal(l->exceptions, EXCEPTIONS_NONE);
    assert_int_equal(l->applies, APPLIES_ALWAYS);
    assert_int_equal(l->early_days, 0);
    assert_string_equal(l->citation, "local standard");
    assert_int_equal(l->evidence, EVIDENCE_INFERRED);
    assert_int_equal(rb->rule[at + 1].warn_days, 2);
    rulebook_unref(rb);
    c = load(&p, SRC, &e);
    rb = local_rules(c);
    assert_string_equal(rb->version, RULEBOOK_VERSION);
    assert_int_equal(rb->n, limit_count());
    rulebook_unref(rb);
    config_free(c);
    place_drop(&p);
}

static void test_within(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum limit_count count;
        int n;
    } rows[] = {
        {"1 day", COUNT_WITHIN_DAYS, 1},
        {"10 days", COUNT_WITHIN_DAYS, 10},
        {"1 week", COUNT_WITHIN_WEEKS, 1},
        {"20 weeks", COUNT_WITHIN_WEEKS, 20},
        {"1 working day", COUNT_WORKING_DAYS_AFTER, 1},
        {"999 working days", COUNT_WORKING_DAYS_AFTER, 999},
        {"1 month", COUNT_MONTHS_AFTER, 1},
        {"12 months", COUNT_MONTHS_AFTER, 12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum limit_count count;
        int n;
        assert_true(config_within(rows[i].text, &count, &n));
        assert_int_equal(count, rows[i].count);
        assert_int_equal(n, rows[i].n);
    }
}

static void test_many_standards(void **state)
{
    (void)state;
    struct place p;
    struct err e = {""};
    char text[8192] = SRC;
    size_t room = LIMIT_MAX - limit_count(), at = strlen(text);
    place_make(&p);
    for (size_t i = 0; i <= room; i++) {
        struct config *c = load(&p, text, &e);
        assert_string_equal(e.text, "");
        assert_int_equal(c->n_standards, i);
        config_free(c);
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "standard \"s%zu\" { title = \"T\" start = draft_sent discharge = plan_issued "
                               "within = \"1 day\" }\n",
                               i);
    }
    assert_null(load(&p, text, &e));
    char want[sizeof e.text];
    snprintf(want, sizeof want, "%s:%zu: more than %zu standards", p.path, room + 2, room);
    assert_string_equal(e.text, want);
    place_drop(&p);
}

static void test_auto_and_all(void **state)
{
    (void)state;
    struct place p;
    struct err e = {""};
    place_make(&p);
    static const char *const words[] = {"auto", "all"};
    for (size_t i = 0; i < 2; i++) {
        char text[80];
        snprintf(text, sizeof text, SRC "limits = \"%s\"\n", words[i]);
        struct config *c = load(&p, text, &e);
        assert_non_null(c);
        assert_list(&c->limits, words[i]);
        config_free(c);
    }
    place_drop(&p);
}

/* A first file that fails must leave nothing behind in libconfuse's one lexer. */
static void test_good_after_bad(void **state)
{
    (void)state;
    struct place p;
    struct err e;
    place_make(&p);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_null(load(&p, BAD[i].text, &e));
        struct config *c = load(&p, SRC, &e);
        assert_non_null(c);
        config_free(c);
    }
    place_drop(&p);
}

static void test_listen_addr(void **state)
{
    (void)state;
    struct sockaddr_storage a;
    socklen_t len;
    bool local;
    struct err e;
    assert_true(config_listen_addr("127.0.0.2:80", &a, &len, &local, &e));
    assert_int_equal(a.ss_family, AF_INET);
    assert_true(config_listen_addr("[::1]:65535", &a, &len, &local, &e));
    assert_int_equal(a.ss_family, AF_INET6);
    assert_true(config_listen_addr("unix:/run/x", &a, &len, &local, &e));
    assert_int_equal(a.ss_family, AF_UNIX);
    assert_true(local);
    assert_string_equal(((struct sockaddr_un *)&a)->sun_path, "/run/x");
    char path[200] = "unix:/";
    memset(path + 6, 'x', 107);
    assert_false(config_listen_addr(path, &a, &len, &local, &e));
    assert_string_equal(e.text, "the path of a Unix socket has at most 107 bytes");
    path[strlen(path) - 1] = '\0';
    assert_true(config_listen_addr(path, &a, &len, &local, &e));
    assert_false(config_listen_addr("", &a, &len, &local, &e));
    assert_false(config_listen_addr("[]:1", &a, &len, &local, &e));
    assert_false(config_listen_addr("[::1:1", &a, &len, &local, &e));
    static const struct {
        const char *listen;
        bool local;
    } rows[] = {{"127.0.0.1:1", true},    {"127.255.255.254:1", true},
                {"[::1]:1", true},        {"0.0.0.0:1", false},
                {"128.0.0.1:1", false},   {"[::ffff:127.0.0.1]:1", false},
                {"192.168.0.1:1", false}, {"[::]:1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(config_listen_addr(rows[i].listen, &a, &len, &local, &e));
        assert_int_equal(local, rows[i].local);
    }
}

static char *read_page(const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_in_range(fread(text, 1, (1 << 16) - 1, f), 1000, (1 << 16) - 2);
    fclose(f);
    return text;
}

/* Each option has its own item in its own part of ehcwatchd.conf(5), followed by the table's summary; and the page has no
 * item besides. */
static void test_manual(void **state)
{
    (void)state;
    static const struct {
        const char *section, *begins;
    } parts[] = {
        {"", "\n.Ss Options\n"},           {"webhook", "\n.Ss Webhooks\n"},
        {"standard", "\n.Ss Standards\n"}, {"threshold", "\n.Ss Thresholds\n"},
        {"meeting", "\n.Ss Meeting\n"},
    };
    enum { PARTS = sizeof parts / sizeof *parts };
    char *page = read_page("daemon/app/ehcwatchd.conf.5"), *part[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        assert_non_null(part[i] = strstr(page, parts[i].begins));
    for (size_t i = 1; i < PARTS; i++)
        *part[i]++ = '\0'; /* they stand in this order */
    for (size_t i = 0; i < PARTS; i++) {
        size_t rows = 0, items = 0;
        for (const struct config_option *o = config_options; o->name != NULL; o++) {
            char summary[256], want[400];
            if (strcmp(o->section, parts[i].section) != 0)
                continue;
            rows++;
            config_option_summary(o, summary, sizeof summary);
            snprintf(want, sizeof want, "\n.It Ic %s\n%s\n", o->name, summary);
            if (strstr(part[i], want) == NULL)
                fail_msg("ehcwatchd.conf.5 lacks, in its part for '%s':%s", o->section, want);
        }
        for (const char *at = part[i]; (at = strstr(at, "\n.It Ic ")) != NULL; at++)
            items++;
        assert_int_equal(items, rows);
    }
    char most[32];
    snprintf(most, sizeof most, "There may be %zu of them", LIMIT_MAX - limit_count());
    assert_non_null(strstr(part[2], most));
    free(page);
}

static void test_example(void **state)
{
    (void)state;
    struct err e = {""};
    struct config *c = config_load("systemd/ehcwatchd.conf", NULL, &e);
    assert_string_equal(e.text, "");
    assert_non_null(c);
    assert_string_equal(c->source, "host=/run/postgresql dbname=casework user=ehcwatch");
    assert_int_equal(c->n_webhooks, 0);
    config_free(c);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(test_no_such_file),   cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_nul_byte),       cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_full_and_back),  cmocka_unit_test(test_auto_and_all),
        cmocka_unit_test(test_good_after_bad), cmocka_unit_test(test_listen_addr),
        cmocka_unit_test(test_manual),         cmocka_unit_test(test_example),
        cmocka_unit_test(test_rulebook),       cmocka_unit_test(test_within),
        cmocka_unit_test(test_many_standards), cmocka_unit_test(test_format_words),
    };
    enum { N_BAD = sizeof BAD / sizeof *BAD, N_FIXED = sizeof fixed / sizeof *fixed };
    static struct CMUnitTest tests[N_BAD + N_FIXED];
    static struct bad rows[N_BAD];
    memcpy(rows, BAD, sizeof BAD);
    for (size_t i = 0; i < N_BAD; i++)
        tests[i] =
            (struct CMUnitTest){.name = rows[i].name, .test_func = test_bad, .initial_state = &rows[i]};
    memcpy(tests + N_BAD, fixed, sizeof fixed);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("config", tests, N_BAD + N_FIXED, NULL, NULL) != 0;
}
