/* The value of a Host header: "name", "name:port" or "[IPv6 address]:port"; "" where there is none. Pure. */
#ifndef VS_NET_HTTP_HOST_H
#define VS_NET_HTTP_HOST_H

#include <stdbool.h>

#include "base/view.h"

bool vs_http_host_is_valid(struct vs_view host);

#endif
