#include "net/http_peers.h"

#include <stddef.h>
#include <uthash.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/require.h"

struct peer {
	UT_hash_handle hh;
	struct vs_addr addr;
	uint32_t connections;
};

struct vs_http_peers {
	struct peer *by_addr;
	struct vs_hash_seed seed; /* whoever owns a /32 chooses among 2^32 keys */
};

static struct vs_addr key_of(const struct vs_addr *addr)
{
	struct vs_prefix prefix;

	vs_prefix_of(&prefix, addr, addr->family == 6 ? 64 : 32);
	return prefix.addr;
}

struct vs_http_peers *vs_http_peers_create(void)
{
	struct vs_http_peers *peers = vs_zalloc(sizeof(*peers));

	vs_hash_seed_init(&peers->seed);
	return peers;
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

static unsigned hash_of(const struct vs_http_peers *peers, const struct vs_addr *key)
{
	return (unsigned)vs_hash(&peers->seed, key, sizeof(*key));
}

bool vs_http_peers_add(struct vs_http_peers *peers, const struct vs_addr *addr, uint32_t limit)
{
	struct vs_addr key;
	struct peer *peer = NULL;
	unsigned hash;

	if (addr->family == 0)
		return true;
	key = key_of(addr);
	hash = hash_of(peers, &key);
	HASH_FIND_BYHASHVALUE(hh, peers->by_addr, &key, sizeof(key), hash, peer);
	if (peer == NULL) {
		peer = vs_zalloc(sizeof(*peer));
		peer->addr = key;
		HASH_ADD_BYHASHVALUE(hh, peers->by_addr, addr, sizeof(peer->addr), hash, peer);
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
	HASH_FIND_BYHASHVALUE(hh, peers->by_addr, &key, sizeof(key), hash_of(peers, &key), peer);
	VS_REQUIRE(peer != NULL && peer->connections > 0);
	if (--peer->connections > 0)
		return;
	HASH_DEL(peers->by_addr, peer);
	vs_free(peer);
}
