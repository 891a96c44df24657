#include <sys/socket.h>

#include "log.h"
#include "sd.h"
#include "service_int.h"

static bool on_problem(void *ud, struct httpd_reply *reply, const char *accept, unsigned status,
                       const char *title, const char *detail)
{
    struct service *s = ud;
    return routes_problem(&s->routes, reply, accept, status, title, detail);
}

static void on_request(void *ud, const struct httpd_request *request, struct httpd_reply *reply)
{
    struct service *s = ud;
    const struct looplag_stats lag = looplag_read(s->looplag);
    s->core.status.loop_lag = lag.worst_window;
    s->core.status.loop_busy = lag.busy_window;
    s->core.status.log_dropped = log_dropped();
    s->routes.public_url = s->core.config->public_url;
    routes_handle(&s->routes, request, reply);
}

static struct httpd_conf httpd_conf(struct webconfig *web)
{
    return (struct httpd_conf){.listen_fd = -1,
                               .takes_post = routes_take_post,
                               .problem = on_problem,
                               .body_max = ROUTES_BODY_MAX,
                               .web = web};
}

struct httpd *service_serve_beside(struct service *s, struct webconfig *web, struct err *e)
{
    const struct httpd_conf conf = httpd_conf(web);
    return httpd_beside(s->httpd, &conf, on_request, s, e);
}

/* Names and tokens travel as they are: they are for whoever can listen in. */
static void warn_of_plain(const struct config *c, const struct webconfig *web)
{
    struct sockaddr_storage addr;
    socklen_t len;
    bool local = true;
    if (config_listen_addr(c->listen, &addr, &len, &local, NULL) && !local &&
        (web == NULL || web->cert == NULL))
        log_ev(
            LOG_WARNING, "not_encrypted", LOG_NO_FIELDS,
            "%s: other machines can reach this, and there is no tls_server_config in web_config_file: tokens "
            "and passwords can be read on the way",
            c->listen);
}

bool service_listen(struct service *s, struct err *e)
{
    struct httpd_conf conf = httpd_conf(s->core.credentials->web);
    if (!unit_listener(&conf.listen_fd, e))
        return false;
    if (conf.listen_fd < 0) {
        conf.listen = s->core.config->listen;
        warn_of_plain(s->core.config, conf.web);
    }
    s->httpd = httpd_new(s->core.loop, &conf, on_request, s, e);
    return s->httpd != NULL;
}
