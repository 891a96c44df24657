#include "webconfig_tls.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

void webconfig_priorities(struct webconfig *w, bool tls12, bool tls13)
{
    snprintf(w->priorities, sizeof w->priorities,
             "SECURE128:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-VERS-ALL%s%s"
             ":%%SERVER_PRECEDENCE",
             tls13 ? ":+VERS-TLS1.3" : "", tls12 ? ":+VERS-TLS1.2" : "");
}

static gnutls_datum_t datum(const char *text)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
}

bool webconfig_try_server(const struct webconfig *w, struct err *e)
{
    gnutls_certificate_credentials_t c;
    gnutls_priority_t p;
    const gnutls_datum_t cert = datum(w->cert), key = datum(w->key);
    int rc = gnutls_priority_init(&p, w->priorities, NULL);
    if (rc >= 0)
        gnutls_priority_deinit(p);
    if (rc < 0 || gnutls_certificate_allocate_credentials(&c) < 0)
        return err_set(e, "GnuTLS: %s", rc < 0 ? gnutls_strerror(rc) : "out of memory");
    rc = gnutls_certificate_set_x509_key_mem(c, &cert, &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(c);
    return rc >= 0 || err_set(e, "not a certificate with its key_file: %s", gnutls_strerror(rc));
}

bool webconfig_try_clients(const struct webconfig *w, struct err *e)
{
    gnutls_certificate_credentials_t c;
    const gnutls_datum_t ca = datum(w->client_ca);
    if (gnutls_certificate_allocate_credentials(&c) < 0)
        return err_set(e, "out of memory");
    int rc = gnutls_certificate_set_x509_trust_mem(c, &ca, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(c);
    return rc > 0 || err_set(e, "no certificate of an authority in it%s%s", rc < 0 ? ": " : "",
                             rc < 0 ? gnutls_strerror(rc) : "");
}
