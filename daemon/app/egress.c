#include "egress.h"

#include <curl/curl.h>
#include <string.h>

#include "config_check.h"

#define NO_PROXY     "direct"
#define NAME_MAX_LEN 253

/* A host name as it may stand in a URL; what is made of digits and dots alone would be an address. */
static bool is_host(const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    size_t len = strlen(value);
    return len >= 1 && len <= NAME_MAX_LEN && strspn(value, all) == len && strcspn(value, letters) < len &&
           value[0] != '.' && value[0] != '-' && value[len - 1] != '.' && strstr(value, "..") == NULL &&
           strncasecmp(value, "0x", 2) != 0;
}

bool egress_check_allow(const char *name, const char *value, struct err *e)
{
    struct netguard_net net;
    struct err why = {""};
    if (netguard_net_parse(value, &net, &why) || is_host(value))
        return true;
    if (why.text[0] != '\0')
        return err_set(e, "%s: %.400s", name, why.text);
    return err_set(e, "%s: '%.64s' is neither a network such as 10.1.2.0/24, nor an address, nor a host name",
                   name, value);
}

bool egress_check_proxy(const char *name, const char *value, struct err *e)
{
    if (strcmp(value, NO_PROXY) == 0)
        return true;
    return config_check_url(name, value, e);
}

/* The host of the URL, as curl reads it, stands on the list as a name. */
static bool is_named(const struct config_list *allow, const char *url)
{
    char *host = NULL;
    bool named = false;
    CURLU *u = curl_url();
    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        size_t len = strlen(host);
        if (len > 1 && host[len - 1] == '.')
            host[len - 1] = '\0';
        for (size_t i = 0; i < allow->n && !named; i++)
            named = is_host(host) && strcasecmp(allow->item[i], host) == 0;
    }
    curl_free(host);
    curl_url_cleanup(u);
    return named;
}

void egress_guard(struct netguard *guard, const struct config_list *allow, const char *url)
{
    struct err ignored;
    *guard = (struct netguard){.named = is_named(allow, url)};
    for (size_t i = 0; i < allow->n && guard->n < NETGUARD_NETS_MAX; i++)
        if (netguard_net_parse(allow->item[i], &guard->net[guard->n], &ignored))
            guard->n++;
}

const char *egress_proxy(const struct config *c, const struct config_webhook *w)
{
    const char *proxy = w->proxy != NULL ? w->proxy : c->proxy;
    if (w->format == FORMAT_EMAIL)
        return NULL; /* a relay is not on the web */
    return proxy != NULL && strcmp(proxy, NO_PROXY) != 0 ? proxy : NULL;
}
