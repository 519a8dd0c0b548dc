#include "net/http_peers.h"

#include <stddef.h>
#include <uthash.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/require.h"

struct peer {
	UT_hash_handle hh;
	struct vs_addr addr;
	uint32_t connections;
};

struct vs_http_peers {
	struct peer *by_addr;
};

static struct vs_addr key_of(const struct vs_addr *addr)
{
	struct vs_prefix prefix;

	vs_prefix_of(&prefix, addr, addr->family == 6 ? 64 : 32);
	return prefix.addr;
}

struct vs_http_peers *vs_http_peers_create(void)
{
	return vs_zalloc(sizeof(struct vs_http_peers));
}

void vs_http_peers_destroy(struct vs_http_peers *peers)
{
	struct peer *peer;
	struct peer *next;

	if (peers == NULL)
		return;
	HASH_ITER (hh, peers->by_addr, peer, next) {
		HASH_DEL(peers->by_addr, peer);
		vs_free(peer);
	}
	vs_free(peers);
}

bool vs_http_peers_add(struct vs_http_peers *peers, const struct vs_addr *addr, uint32_t limit)
{
	struct vs_addr key;
	struct peer *peer = NULL;

	if (addr->family == 0)
		return true;
	key = key_of(addr);
	HASH_FIND(hh, peers->by_addr, &key, sizeof(key), peer);
	if (peer == NULL) {
		peer = vs_zalloc(sizeof(*peer));
		peer->addr = key;
		HASH_ADD(hh, peers->by_addr, addr, sizeof(peer->addr), peer);
	}
	if (peer->connections >= limit)
		return false;
	peer->connections++;
	return true;
}

void vs_http_peers_remove(struct vs_http_peers *peers, const struct vs_addr *addr)
{
	struct vs_addr key;
	struct peer *peer = NULL;

	if (addr->family == 0)
		return;
	key = key_of(addr);
	HASH_FIND(hh, peers->by_addr, &key, sizeof(key), peer);
	VS_REQUIRE(peer != NULL && peer->connections > 0);
	if (--peer->connections > 0)
		return;
	HASH_DEL(peers->by_addr, peer);
	vs_free(peer);
}
