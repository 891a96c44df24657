/* What a webhook section says besides its filters: where to, and what its format calls for. */
#include <curl/curl.h>
#include <string.h>

#include "config.h"
#include "config_check.h"
#include "netguard.h"
#include "people.h"

/* The part of a URL, or NULL; curl_free releases it. The same parser as the one that will send. */
static char *url_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool is_relay(const char *url)
{
    return strncasecmp(url, "smtp://", 7) == 0 || strncasecmp(url, "smtps://", 8) == 0;
}

static bool check_url(const char *name, const char *value, bool relay, struct err *e)
{
    CURLU *u = curl_url();
    if (u == NULL)
        return err_set(e, "out of memory");
    bool ok = curl_url_set(u, CURLUPART_URL, value, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    char *scheme = ok ? url_part(u, CURLUPART_SCHEME) : NULL;
    char *user = ok ? url_part(u, CURLUPART_USER) : NULL;
    char *password = ok ? url_part(u, CURLUPART_PASSWORD) : NULL;
    bool http = scheme != NULL && (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
    if (!http && !(relay && scheme != NULL && is_relay(value)))
        ok = err_set(e, "%s must be a whole https:// or http:// address", name);
    else if (user != NULL || password != NULL)
        ok = err_set(e, "%s must not have a user or password in it", name);
    curl_free(scheme);
    curl_free(user);
    curl_free(password);
    curl_url_cleanup(u);
    return ok;
}

bool config_check_url(const char *name, const char *value, struct err *e)
{
    return check_url(name, value, false, e);
}

bool config_check_target(const char *name, const char *value, struct err *e)
{
    return check_url(name, value, true, e);
}

bool config_check_topic(const char *name, const char *value, struct err *e)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t n = strspn(value, allowed);
    return (n >= 1 && n <= 64 && value[n] == '\0') ||
           err_set(e, "%s is 1 to 64 of A-Z, a-z, 0-9, '_' and '-'", name);
}

/* Printable ASCII without what would mean something in a header or in a command of SMTP. */
bool config_check_address(const char *name, const char *value, struct err *e)
{
    const char *at = strchr(value, '@');
    size_t len = strlen(value);
    bool ok = at != NULL && at > value && at - value <= 64 && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
              len <= 254 && strpbrk(value, "\"(),:;<>[]\\") == NULL && value[len - 1] != '.';
    for (size_t i = 0; i < len && ok; i++)
        ok = value[i] > 0x20 && value[i] < 0x7f;
    return ok || err_set(e, "%s: '%.64s' is not a mail address of the form name@host", name, value);
}

bool config_check_user(const char *name, const char *value, struct err *e)
{
    bool ok = strlen(value) <= 200;
    for (const char *p = value; *p != '\0' && ok; p++)
        ok = (unsigned char)*p >= 0x20 && *p != 0x7f;
    return ok || err_set(e, "%s must be one line of at most 200 bytes", name);
}

bool config_check_fit(const struct config_webhook *w, const char *name, const char *url, struct err *e)
{
    if ((w->format == FORMAT_EMAIL) != is_relay(url))
        return w->format == FORMAT_EMAIL
                   ? err_set(e, "%s: mail goes to a relay, smtp://HOST:PORT or smtps://HOST:PORT", name)
                   : err_set(e, "%s must be a whole https:// or http:// address", name);
    return w->allow_http || strncasecmp(url, "http:", 5) != 0 ||
           err_set(e,
                   "%s is plain http, which anybody on the way can read: "
                   "use https, or set allow_http = true",
                   name);
}

/* Which formats call for an option, and which of them cannot do without it. */
static const struct {
    const char *option;
    size_t offset;
    unsigned use, need; /* FORMAT_BIT */
    bool list;
} calls[] = {
    {"secret_file", offsetof(struct config_webhook, secret_file), FORMATS_SIGNED, FORMATS_SIGNED, false},
    {"topic", offsetof(struct config_webhook, topic), FORMAT_BIT(FORMAT_NTFY), FORMAT_BIT(FORMAT_NTFY),
     false},
    {"routing_key_file", offsetof(struct config_webhook, routing_key_file), FORMAT_BIT(FORMAT_PAGERDUTY),
     FORMAT_BIT(FORMAT_PAGERDUTY), false},
    {"mail_from", offsetof(struct config_webhook, mail_from), FORMAT_BIT(FORMAT_EMAIL),
     FORMAT_BIT(FORMAT_EMAIL), false},
    {"mail_to", offsetof(struct config_webhook, mail_to), FORMAT_BIT(FORMAT_EMAIL), FORMAT_BIT(FORMAT_EMAIL),
     true},
    {"proxy", offsetof(struct config_webhook, proxy), ~FORMAT_BIT(FORMAT_EMAIL), 0, false},
    {"user", offsetof(struct config_webhook, user), FORMAT_BIT(FORMAT_EMAIL), 0, false},
    {"password_file", offsetof(struct config_webhook, password_file), FORMAT_BIT(FORMAT_EMAIL), 0, false},
};

static bool is_given(const struct config_webhook *w, size_t i)
{
    const void *at = (const char *)w + calls[i].offset;
    return calls[i].list ? ((const struct config_list *)at)->n > 0 : *(char *const *)at != NULL;
}

static bool check_calls(const struct config_webhook *w, const char **option, struct err *e)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        unsigned bit = FORMAT_BIT((unsigned)w->format);
        bool given = is_given(w, i);
        *option = given ? calls[i].option : "";
        if (!given && (calls[i].need & bit) != 0)
            return err_set(e, "webhook \"%.64s\" has no %s", w->name, calls[i].option);
        if (given && (calls[i].use & bit) == 0)
            return err_set(e, "%s has no meaning for the format %s", calls[i].option,
                           format_name((enum format)w->format));
    }
    *option = w->user != NULL ? "user" : "password_file";
    if ((w->user != NULL) != (w->password_file != NULL))
        return err_set(e, "user and password_file go together");
    *option = "user";
    return w->user == NULL || !w->allow_plain ||
           err_set(e, "with allow_plain the password could be read on the way: leave out one of the two");
}

bool config_check_webhook(const void *section, const char **option, struct err *e)
{
    const struct config_webhook *w = section;
    *option = w->url_file != NULL ? "url_file" : "";
    if ((w->url != NULL) == (w->url_file != NULL))
        return w->url == NULL ? err_set(e, "webhook \"%.64s\" has no url", w->name)
                              : err_set(e, "url and url_file: one of them says it");
    *option = "allow";
    if (w->allow.n > NETGUARD_NETS_MAX)
        return err_set(e, "allow: %zu items, %d is the most", w->allow.n, NETGUARD_NETS_MAX);
    *option = "url";
    return (w->url == NULL || config_check_fit(w, "url", w->url, e)) && check_calls(w, option, e) &&
           people_check(w, option, e);
}
