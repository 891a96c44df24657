#include "config.h"

#include <string.h>
#include <syslog.h>

#include "config_check.h"
#include "egress.h"
#include "limit.h"
#include "people.h"

#define TOP(field)  .section = "", .name = #field, .offset = offsetof(struct config, field)
#define HOOK(field) .section = "webhook", .name = #field, .offset = offsetof(struct config_webhook, field)
#define STANDARD(opt, field)                                                                                 \
    .section = "standard", .name = #opt, .offset = offsetof(struct config_standard, field)
#define THRESHOLD(field)                                                                                     \
    .section = "threshold", .name = #field, .offset = offsetof(struct config_threshold, field)
#define MEETING(field) .section = "meeting", .name = #field, .offset = offsetof(struct config_meeting, field)
#define TEXT(f)        .type = CONFIG_TEXT, .check = f
#define SECRET         TEXT(config_check_secret), .file = true
#define FILENAME       TEXT(config_check_path), .file = true
#define INT(d, lo, hi) .type = CONFIG_INT, .def = d, .min = lo, .max = hi
#define FLAG(d)        .type = CONFIG_BOOL, .def = d
#define LIST           .type = CONFIG_LIST
#define RELOAD         .reloadable = true

const struct config_option config_options[] = {
    {TOP(source), TEXT(config_check_conninfo), .required = true,
     .help = "Connection string of the case database, without a password."},
    {TOP(source_password_file), SECRET, .help = "Where the password for source is kept."},
    {TOP(state), TEXT(config_check_conninfo),
     .help = "Connection string of the database that holds our own schema; absent: the same as source."},
    {TOP(state_password_file), SECRET, .help = "Where the password for state is kept."},
    {TOP(listen), TEXT(config_check_listen), .def = "127.0.0.1:9820",
     .help = "Where HTTP is served, when systemd passes no socket."},
    {TOP(poll_interval), INT("30", 1, 3600), RELOAD,
     .help = "Seconds between two readings of the case database."},
    {TOP(limits), LIST, .limit_ids = true, RELOAD,
     .help = "The limits to watch: their ids, or auto or all alone."},
    {TOP(bulk_share), INT("20", 0, 100), RELOAD,
     .help = "The share of all cases, in percent, that must change at once to count as an import; 0: nothing "
             "does."},
    {TOP(calendar_file), FILENAME, RELOAD, .help = "Bank holidays that add to the built-in ones."},
    {TOP(ca_file), FILENAME, RELOAD, .help = "Certificates to trust for webhooks in place of the system's."},
    {TOP(proxy), TEXT(egress_check_proxy), RELOAD,
     .help = "The forward proxy for webhooks; it must police where they go."},
    {TOP(log_level), .type = CONFIG_WORD, .words = "error warning notice info debug", .def = "info",
     .min = LOG_ERR, RELOAD, .help = "The least serious message that is logged."},
    {TOP(drain_timeout), INT("10", 0, 60), RELOAD,
     .help = "Seconds that deliveries in flight may take to end after SIGTERM."},
    {TOP(stale_after), INT("300", 10, 86400), RELOAD,
     .help = "Seconds without an evaluation after which /readyz says 503."},
    {TOP(public_url), TEXT(config_check_url), RELOAD,
     .help = "The address of the daemon's pages as others see it, for the links in messages."},
    {TOP(api_token_file), SECRET, RELOAD,
     .help = "Who may read and change what over HTTP: names, roles, hashes of tokens and teams."},
    {TOP(web_config_file), SECRET, RELOAD,
     .help = "TLS, headers and passwords of the HTTP server, in the format of Prometheus' exporters."},
    {TOP(http_auth), .type = CONFIG_WORD, .words = "remote always", .def = "remote", .min = HTTP_AUTH_REMOTE,
     RELOAD, .help = "Who must say who he is to read: who comes from another machine, or everybody."},
    {TOP(keep_days), INT("2557", 30, 36525), RELOAD,
     .help = "Days for which the ledger is kept after everybody has done with it."},
    {TOP(metrics_labels), LIST, .words = "locality team", RELOAD,
     .help = "Labels that metrics carry besides the limit; a count of one can point to a child."},

    {HOOK(url), TEXT(config_check_target), RELOAD, .help = "Where messages are posted."},
    {HOOK(url_file), SECRET, RELOAD, .help = "Where a URL that is a secret itself is kept, in place of url."},
    {HOOK(secret_file), SECRET, RELOAD,
     .help = "Where the signing secret is kept, for the formats that are signed."},
    {HOOK(limits), LIST, .limit_ids = true, RELOAD, .help = "Only these limits."},
    {HOOK(states), LIST, .words = "at_risk breached met met_late excepted void missed restated", RELOAD,
     .help = "Only transitions to these states."},
    {HOOK(localities), LIST, RELOAD, .help = "Only cases of these localities."},
    {HOOK(teams), LIST, RELOAD, .help = "Only cases of these teams."},
    {HOOK(kinds), LIST, .words = "statutory target guidance floor derived local", RELOAD,
     .help = "Only limits of these kinds."},
    {HOOK(format), .type = CONFIG_WORD, .words = FORMAT_WORDS, .def = "standard", .min = FORMAT_STANDARD,
     RELOAD, .help = "The form of the message."},
    {HOOK(topic), TEXT(config_check_topic), RELOAD, .help = "ntfy: the topic; whoever knows it can read it."},
    {HOOK(routing_key_file), SECRET, RELOAD, .help = "pagerduty: where the integration key is kept."},
    {HOOK(mail_from), TEXT(config_check_address), RELOAD, .help = "email: the address that it comes from."},
    {HOOK(mail_to), LIST, .check = config_check_address, RELOAD,
     .help = "email: the addresses that it goes to."},
    {HOOK(user), TEXT(config_check_user), RELOAD, .help = "email: the user name at the relay."},
    {HOOK(password_file), SECRET, RELOAD, .help = "email: where the password at the relay is kept."},
    {HOOK(refresh), INT("300", 10, 3600), RELOAD,
     .help = "alertmanager: seconds between two sendings of what still fires."},
    {HOOK(allow_internal), FLAG("false"), RELOAD,
     .help = "Allows an address inside the organisation's network."},
    {HOOK(allow), LIST, .check = egress_check_allow, RELOAD,
     .help = "Networks, addresses and hosts inside the organisation's network that it may be at."},
    {HOOK(allow_http), FLAG("false"), RELOAD, .help = "Allows plain http."},
    {HOOK(allow_plain), FLAG("false"), RELOAD, .help = "email: allows a relay without STARTTLS."},
    {HOOK(enabled), FLAG("true"), RELOAD, .help = "Whether messages are sent; what is owed waits meanwhile."},
    {HOOK(concurrency), INT("4", 1, 32), RELOAD, .help = "Requests in flight at one time."},
    {HOOK(timeout), INT("20", 1, 60), RELOAD, .help = "Seconds that one attempt may take."},
    {HOOK(rate), INT("0", 0, 1000), RELOAD, .help = "Messages a second at most; 0: as many as it takes."},
    {HOOK(burst), INT("10", 1, 1000), RELOAD,
     .help = "With a rate: messages that may go at once after a rest."},
    {HOOK(order), .type = CONFIG_WORD, .words = "skip_dead strict", .def = "skip_dead", RELOAD,
     .help = "Whether a message that was given up holds back what comes later in its case (strict)."},
    {HOOK(operator), FLAG("false"), RELOAD,
     .help = "Whether it is told when another webhook needs somebody to look at it."},
    {HOOK(send), .type = CONFIG_WORD, .words = "auto every immediate daily weekly", .def = "auto",
     .min = SEND_AUTO, RELOAD,
     .help = "When messages go out; auto: every one for machines, immediate for people."},
    {HOOK(digest_at), TEXT(config_check_time), .def = "08:00", RELOAD,
     .help = "The time of digests, and from when on people are reminded."},
    {HOOK(digest_day), .type = CONFIG_WORD, .words = "mon tue wed thu fri sat sun", .def = "mon", RELOAD,
     .help = "The day of weekly digests."},
    {HOOK(quiet_hours), TEXT(config_check_hours), RELOAD,
     .help =
         "When nothing is sent, such as 18:00-08:00; then nothing is on weekends and bank holidays either."},
    {HOOK(remind_days), INT("0", 0, 250), RELOAD,
     .help = "Working days from one reminder of a breach to the next; 0: none."},
    {HOOK(escalate_days), INT("0", 0, 250), RELOAD,
     .help = "Tells of nothing but what has been breached for so many working days; 0: of everything."},
    {HOOK(settle), INT("1", 0, 30), RELOAD,
     .help = "Daily evaluations for which a new at_risk is held, to be told as what came of it."},
    {HOOK(proxy), TEXT(egress_check_proxy), RELOAD,
     .help = "The forward proxy for this webhook, or direct for none; absent: that of the file."},
    {HOOK(ca_file), FILENAME, RELOAD,
     .help = "Certificates to trust for this webhook in place of those of the file."},

    {STANDARD(title, title), TEXT(config_check_title), .required = true, RELOAD,
     .help = "What is to be done, in a few words."},
    {STANDARD(start, start), LIST, .check = config_check_event, .required = true, RELOAD,
     .help = "The events that start it: event, or event:subject."},
    {STANDARD(discharge, discharge), LIST, .check = config_check_event, .required = true, RELOAD,
     .help = "The events that meet it."},
    {STANDARD(void, voids), LIST, .check = config_check_event, RELOAD,
     .help = "The events after which it is not owed after all."},
    {STANDARD(lapse, lapse), LIST, .check = config_check_event, RELOAD,
     .help = "The events that overtake it."},
    {STANDARD(within, within), TEXT(config_check_within), .required = true, RELOAD,
     .help = "The time allowed: a number of days, weeks, working days or months."},
    {STANDARD(per, per), .type = CONFIG_WORD, .words = "once case subject cycle", .def = "case",
     .min = PER_ONCE, RELOAD, .help = "When a further start opens it again."},
    {STANDARD(life, life), .type = CONFIG_WORD, .words = "request plan case", .def = "case",
     .min = LIFE_REQUEST, RELOAD, .help = "The end of what ends it."},
    {STANDARD(warn_days, warn_days), INT("2", 0, 365), RELOAD,
     .help = "Days before the due date from which it is at risk."},

    {THRESHOLD(warn_days), INT("0", 0, 365), .required = true, RELOAD,
     .help = "Days before the due date from which the limit is at risk."},

    {MEETING(weekday), .type = CONFIG_WORD,
     .words = "monday tuesday wednesday thursday friday saturday sunday", .def = "tuesday", RELOAD,
     .help = "The day of the week on which it is held."},
    {MEETING(time), TEXT(config_check_time), .def = "09:30", RELOAD,
     .help = "When it begins, by clocks in England."},
    {MEETING(minutes), INT("120", 0, 1440), RELOAD,
     .help = "How long it lasts: until then its papers say what has changed since the one before."},
    {.name = NULL},
};

const struct config_option *config_option_find(const char *section, const char *name)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++)
        if (strcmp(o->section, section) == 0 && strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

void config_option_summary(const struct config_option *o, char *buf, size_t size)
{
    char range[96] = "";
    const char *kind = "Text", *words = o->words != NULL ? o->words : "";
    if (o->type == CONFIG_INT)
        snprintf(range, sizeof range, "Whole number from %d to %d", o->min, o->max);
    else if (o->type == CONFIG_BOOL)
        kind = "true or false";
    else if (o->type == CONFIG_WORD)
        kind = "One of ";
    else if (o->type == CONFIG_LIST)
        kind = o->words != NULL ? "List of " : "List";
    const char *def = o->def != NULL ? o->def : o->type == CONFIG_LIST ? "empty" : "none";
    snprintf(buf, size, "%s%s, %s%s; takes effect on %s.", range[0] != '\0' ? range : kind, words,
             o->required ? "required" : "default ", o->required ? "" : def,
             o->reloadable ? "reload" : "restart");
}
