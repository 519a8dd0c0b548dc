/* A zone that is asked byte by byte: a query in the making, and the last reply. */
#ifndef VS_TESTS_NET_ZONE_WORLD_H
#define VS_TESTS_NET_ZONE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/view.h"
#include "net/dnsd_zone.h"

#define ZONE "leak.example.net"
#define NONCE "abcdefghijklmnopqrstuvwxy2"
#define QR 0x80
#define AA 0x04
#define TC 0x02

struct world {
	struct vs_dnsd_zone *zone;
	unsigned char query[VS_DNSD_QUERY_MAX];
	size_t len;
	struct vs_dnsd_ask ask;
	unsigned char reply[VS_DNSD_REPLY_MAX];
	size_t size;
	struct vs_dnsd_seen seen;
};

static inline struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

static inline int set_up(void **state)
{
	static struct world world;
	const struct vs_addr addresses[] = {addr_of("192.0.2.1"), addr_of("2001:db8::1")};
	const struct vs_dnsd_zone_conf conf = {ZONE, "ns.sub." ZONE, addresses, 2, 7};

	memset(&world, 0, sizeof(world));
	world.zone = vs_dnsd_zone_create(&conf);
	world.ask.peer = addr_of("198.51.100.53");
	*state = &world;
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *world = *state;

	vs_dnsd_zone_destroy(world->zone);
	return 0;
}

static inline void add_byte(struct world *world, unsigned byte)
{
	world->query[world->len++] = (unsigned char)byte;
}

static inline void add_u16(struct world *world, unsigned number)
{
	add_byte(world, number >> 8);
	add_byte(world, number & 0xff);
}

static inline void add_header(struct world *world, unsigned flags, unsigned questions, unsigned additional)
{
	world->len = 0;
	add_u16(world, 0x1234);
	add_u16(world, flags);
	add_u16(world, questions);
	add_u16(world, 0);
	add_u16(world, 0);
	add_u16(world, additional);
}

static inline void add_name(struct world *world, const char *name)
{
	struct vs_view rest = vs_view_of(name);
	struct vs_view label;

	while (vs_view_split(&rest, '.', &label)) {
		add_byte(world, (unsigned)label.len);
		memcpy(world->query + world->len, label.ptr, label.len);
		world->len += label.len;
	}
	add_byte(world, 0);
}

static inline void add_question(struct world *world, const char *name, unsigned type)
{
	add_name(world, name);
	add_u16(world, type);
	add_u16(world, 1);
}

static inline void add_edns(
	struct world *world, unsigned size, unsigned version, const unsigned char *data, size_t len)
{
	add_byte(world, 0);
	add_u16(world, 41);
	add_u16(world, size);
	add_byte(world, 0);
	add_byte(world, version);
	add_u16(world, 0);
	add_u16(world, (unsigned)len);
	if (len > 0)
		memcpy(world->query + world->len, data, len);
	world->len += len;
}

static inline void send(struct world *world)
{
	/* On the heap, so that a read past the end is noticed. */
	unsigned char *copy = test_malloc(world->len + 1);

	memcpy(copy, world->query, world->len);
	world->ask.bytes = copy;
	world->ask.len = world->len;
	world->size = vs_dnsd_zone_answer(world->zone, &world->ask, world->reply, &world->seen);
	test_free(copy);
}

static inline void ask(struct world *world, const char *name, unsigned type)
{
	add_header(world, 0x0100, 1, 0);
	add_question(world, name, type);
	send(world);
}

static inline unsigned reply_u16(const struct world *world, size_t at)
{
	return (unsigned)world->reply[at] << 8 | world->reply[at + 1];
}

static inline unsigned rcode_of(const struct world *world)
{
	assert_true(world->size >= 12);
	assert_true(world->reply[2] & QR);
	assert_int_equal(reply_u16(world, 0), 0x1234);
	return world->reply[3] & 0x0f;
}

static inline unsigned answers(const struct world *world)
{
	return reply_u16(world, 6);
}

static inline unsigned authorities(const struct world *world)
{
	return reply_u16(world, 8);
}

static inline bool reply_holds(const struct world *world, const void *bytes, size_t len)
{
	return memmem(world->reply, world->size, bytes, len) != NULL;
}

static inline void expect_nodata(const struct world *world)
{
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(answers(world), 0);
	assert_int_equal(authorities(world), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
