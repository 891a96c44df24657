#include "httpd_peer.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

bool peer_of(struct MHD_Connection *connection, char text[PEER_TEXT_LEN])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    snprintf(text, PEER_TEXT_LEN, "unknown");
    if (info == NULL || info->client_addr == NULL)
        return false;
    switch (info->client_addr->sa_family) {
    case AF_UNIX:
        snprintf(text, PEER_TEXT_LEN, "unix");
        return true;
    case AF_INET:
        memcpy(&v4, info->client_addr, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text, PEER_TEXT_LEN);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        memcpy(&v6, info->client_addr, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, text, PEER_TEXT_LEN);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
    default:
        return false;
    }
}

bool peer_certified(struct MHD_Connection *connection, enum webconfig_client wanted)
{
    const union MHD_ConnectionInfo *info =
        wanted != WEBCONFIG_NO_CLIENT
            ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)
            : NULL;
    unsigned found = 0, faults = 0;
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
    if (wanted == WEBCONFIG_NO_CLIENT)
        return true;
    if (info == NULL || info->tls_session == NULL)
        return false;
    if (gnutls_certificate_get_peers(info->tls_session, &found) == NULL || found == 0)
        return wanted == WEBCONFIG_CLIENT_IF_GIVEN;
    return gnutls_certificate_verify_peers(info->tls_session, &purpose, 1, &faults) == 0 && faults == 0;
}
