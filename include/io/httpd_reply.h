/* The answer under construction: between the handler (httpd.h) and the server (httpd.c). */
#ifndef EHCWATCH_HTTPD_REPLY_H
#define EHCWATCH_HTTPD_REPLY_H

#include "httpd.h"

struct MHD_Connection;
struct MHD_Response;
struct client;
struct clients;

enum { STREAM_CHUNK = 32 * 1024 };

struct httpd_reply {
    struct MHD_Response *response; /* NULL until answered, or when memory was short */
    unsigned status;
    struct client *client; /* that it goes to */
    const struct clients *all;
    struct MHD_Connection *connection;
};

#endif
