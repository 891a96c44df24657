#include "httpd_client_int.h"

#include <poll.h>

#include "clock.h"

/* Its answer is in c->reply. */
static void ready(struct client *c)
{
    ev_timer_stop(c->all->loop, &c->parked);
    c->parking = PARKING_READY;
    c->all->wake(c->all->wake_ud);
}

/* Nobody will answer: the owner is told, and forgets the handle. */
static void give_up(struct client *c)
{
    ready(c);
    c->over(c->over_ud);
}

static void on_parked_long(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    struct client *c = w->data;
    httpd_problem(
        &c->reply, 504, "No answer in time", "%s",
        c->changes ? "it was asked for and may still be carried out: look whether it was before you ask again"
                   : "what is asked for here did not come in time");
    give_up(c);
}

struct httpd_parked *httpd_park(struct httpd_reply *reply, double within_s, void (*over)(void *ud), void *ud)
{
    struct client *c = reply->client;
    c->anew = c->parking == PARKING_WAITS;
    c->parking = PARKING_WAITS;
    c->over = over;
    c->over_ud = ud;
    client_count_open(c, true);
    ev_now_update(c->all->loop);
    ev_timer_stop(c->all->loop, &c->parked);
    ev_timer_init(&c->parked, on_parked_long, within_s, 0.);
    c->parked.data = c;
    ev_timer_start(c->all->loop, &c->parked);
    return (struct httpd_parked *)c;
}

struct httpd_reply *httpd_parked_reply(struct httpd_parked *p)
{
    return &((struct client *)p)->reply;
}

void httpd_unpark(struct httpd_parked *p)
{
    struct client *c = (struct client *)p;
    if (c->anew) {
        c->anew = false;
    } else {
        ready(c);
    }
}

void httpd_ask_again(struct httpd_parked *p)
{
    struct client *c = (struct client *)p;
    c->again = true;
    ready(c);
}

bool clients_take_touched(struct clients *all)
{
    bool touched = all->touched;
    all->touched = false;
    return touched;
}

bool clients_answering(const struct clients *all)
{
    const struct client *c = all->first;
    while (c != NULL && (!c->open || c->parking != PARKING_NONE)) {
        c = c->next;
    }
    return c != NULL;
}

/* The library looks at no socket of a suspended connection. What the client sent before it left may still lie there. */
bool httpd_parked_left(const struct httpd_parked *p)
{
    const struct client *c = (const struct client *)p;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd look = {.fd = info->connect_fd, .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void clients_resume(struct clients *all)
{
    for (struct client *c = all->first; c != NULL; c = c->next) {
        if (c->parking == PARKING_READY) {
            c->parking = PARKING_OVER;
            c->since = clock_mono();
            MHD_resume_connection(c->connection);
        }
    }
}

void clients_end_parked(struct clients *all)
{
    all->ending = true;
    for (struct client *c = all->first; c != NULL; c = c->next) {
        if (c->parking == PARKING_WAITS) {
            client_say_stopping(c);
            give_up(c);
        }
    }
}
