/* Requests that must leave by a certain device. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "net/exchange.h"
#include "net/http_curl_inside.h"

static int on_socket_made(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct vs_curl_transfer *transfer = arg;

	(void)purpose;
	if (vs_bind_device(fd, transfer->device) == VS_EXCHANGE_E_OK)
		return CURL_SOCKOPT_OK;
	transfer->unbound = errno;
	return CURL_SOCKOPT_ERROR;
}

/* This machine itself is no local network, and nothing else is reached by its own device. */
static bool is_local_network(const struct sockaddr *name)
{
	struct vs_prefix loopback;
	struct vs_addr addr;

	vs_addr_from_sockaddr(&addr, name);
	(void)vs_prefix_parse(&loopback, vs_view_of(addr.family == 6 ? "::1/128" : "127.0.0.0/8"));
	return vs_addr_is_private(&addr) && !vs_prefix_contains(&loopback, &addr);
}

static curl_socket_t on_socket_wanted(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct vs_curl_transfer *transfer = arg;

	(void)purpose;
	if (is_local_network(&address->addr)) {
		transfer->local = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Not CURLOPT_INTERFACE: where that may not bind to the device it takes the device's address and any route.
 */
void vs_curl_set_device(struct vs_curl_transfer *transfer, const struct vs_http_request *request)
{
	CURL *easy = transfer->easy;

	(void)snprintf(transfer->device, sizeof(transfer->device), "%s", request->device);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket_made);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (!request->not_local)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_wanted);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
}
