/* Which name servers to ask: their addresses as texts, and the list in a resolv.conf. Pure but for reading
 * the file. */
#ifndef VS_NET_DNS_SERVER_H
#define VS_NET_DNS_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/view.h"

#define VS_DNS_SERVERS_MAX 8
#define VS_DNS_SERVER_TEXT 56

struct vs_dns_server {
	struct vs_addr addr;
	uint16_t port;
};

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; the port is 53 unless it says so. */
int vs_dns_server_parse(struct vs_dns_server *server, struct vs_view text);
void vs_dns_server_format(
	const struct vs_dns_server *server, char text[VS_DNS_SERVER_TEXT]); /* port 53: without */

/*
 * The first nameservers of a resolv.conf in its order; others than the forms above, such as link-local ones
 * with a device, are passed over. Returns how many.
 */
size_t vs_dns_servers_parse(struct vs_dns_server servers[VS_DNS_SERVERS_MAX], struct vs_view text);
/* The same of the file at path, of which 64 KiB count. Without a file or a server: 127.0.0.1, as everybody
 * assumes. */
size_t vs_dns_servers_read(struct vs_dns_server servers[VS_DNS_SERVERS_MAX], const char *path);

#endif
