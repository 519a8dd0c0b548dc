/* Where addresses are, for the role: the atlas, what is stored of it, and who is asked. */
#include "server/role.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/log.h"
#include "config/server_conf.h"
#include "model/atlas.h"
#include "model/home.h"
#include "model/place.h"
#include "server/crew.h"
#include "server/home_watch.h"
#include "server/locator.h"
#include "server/monitor.h"
#include "server/place_book.h"
#include "server/state_book.h"
#include "server/wiring.h"

/* The provider at home is known by where the server's own exits are. Told when it changes. */
static void place_home(struct vs_role *role, const struct vs_addr *addr, const struct vs_place *place)
{
	struct vs_home_exit exit;
	char text[VS_ADDR_TEXT];

	if (!vs_home_locate(role->home, addr, place) || place->asn == 0)
		return;
	vs_addr_format(addr, text);
	for (size_t i = 0; vs_home_exit_at(role->home, i, &exit); i++) {
		if (!vs_addr_equal(&exit.addr, addr))
			continue;
		vs_log(VS_LOG_INFO, "home", "the server's own exit %s belongs to AS%u%s%s: %s", text,
			(unsigned)place->asn, place->org[0] == '\0' ? "" : " ", place->org,
			exit.asn_used ? "a client or resolver of that network is likely at home"
			: exit.hosting == VS_HOSTING_YES
				? "a data centre, whose network says nothing of who is at home"
				: "monitor.home.asn leaves that out");
	}
}

static void on_located(void *arg, const struct vs_addr *addr, const struct vs_place *place)
{
	place_home(arg, addr, place);
}

static void on_learned(void *arg)
{
	struct vs_role *role = arg;
	struct vs_home_exit exit;
	size_t i;

	for (i = 0; vs_home_exit_at(role->home, i, &exit); i++) {
		const struct vs_place *place =
			vs_atlas_find(role->atlas, &exit.addr, role->parts.clock.wall_ms());

		if (place != NULL)
			place_home(role, &exit.addr, place);
		if (place == NULL || place->stale)
			vs_locator_want_first(role->locator, &exit.addr);
	}
}

void vs_role_want(void *arg, const char *client_id, const struct vs_addr *addr)
{
	struct vs_role *role = arg;

	vs_locator_want(role->locator, client_id, addr);
}

static void ask_sources(struct vs_role *role)
{
	size_t count;
	struct vs_locate_source *sources = vs_wire_sources(role->crew, &count);

	vs_atlas_set_fresh(role->atlas, role->conf->locate.fresh_ms);
	vs_locator_ask(role->locator, sources, count, (size_t)role->conf->locate.quorum);
	vs_free(sources);
}

int vs_role_start_places(struct vs_role *role, struct vs_err *err)
{
	struct vs_hash_seed seed;
	int rc;

	vs_hash_seed_init(&seed);
	role->atlas = vs_atlas_create(0);
	vs_atlas_seed(role->atlas, &seed);
	role->places = vs_place_book_create(role->atlas, role->ledger);
	rc = vs_place_book_load(role->places, role->parts.clock.wall_ms(), vs_role_wake_with, role);
	rc = vs_role_await_read(role, rc, err);
	if (rc < 0)
		return rc;
	role->locator = vs_locator_create(&(struct vs_locator_parts){
		.loop = role->loop,
		.clock = role->parts.clock,
		.atlas = role->atlas,
		.book = role->places,
		.state = vs_state_book_backend(role->book),
		.stats = &role->stats,
		.located = on_located,
		.arg = role,
	});
	role->parts.atlas = role->atlas;
	role->parts.locator = role->locator;
	ask_sources(role);
	return 0;
}

void vs_role_start_locating(struct vs_role *role)
{
	vs_monitor_locate(role->monitor, vs_locator_is_on(role->locator));
	vs_home_watch_learned(role->home_watch, on_learned, role);
}

void vs_role_change_sources(struct vs_role *role)
{
	ask_sources(role);
	vs_monitor_locate(role->monitor, vs_locator_is_on(role->locator));
	on_learned(role);
}

void vs_role_stop_locating(struct vs_role *role)
{
	if (role->home_watch != NULL)
		vs_home_watch_learned(role->home_watch, NULL, NULL);
	vs_locator_destroy(role->locator);
	vs_place_book_destroy(role->places);
	role->locator = NULL;
	role->places = NULL;
	role->parts.locator = NULL;
}
