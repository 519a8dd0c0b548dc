#include "server/zone_book.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "net/dnsd_rate.h"
#include "net/dnsd_zone.h"
#include "server/gateway.h"
#include "server/zone_seen.h"

#define EXPIRE_A_TIME 32 /* each call adds few: what is over its time goes as fast */
#define MINUTE_MS 60000
#define CLIENTS_MIN 2 /* one alone may well use a resolver of its own network */
#define MINUTES (VS_ZONE_WINDOW_MS / MINUTE_MS)

/* Sorts of names, so that one cannot push out another. */
enum sort { STRANGERS, KNOWN, LISTED, SORTS };

/* A network that resolves names. */
struct share {
	unsigned char key[VS_DNSD_SHARE_KEY];
	bool known; /* a client listed a name that it asked for */
	size_t count;
	struct name *names; /* that wait, the oldest first */
	struct share *prev; /* in the list of the known */
	struct share *next;
	UT_hash_handle hh;
};

/* A client with names that were resolved. */
struct holder {
	struct vs_zone_seen seen;
	uint16_t labels[MINUTES]; /* by minute */
	uint64_t minute; /* of the last one counted */
	uint64_t active_ms;
	size_t names; /* that point here */
	struct holder *prev; /* the longest idle one first */
	struct holder *next;
	UT_hash_handle hh;
	char id[];
};

struct name {
	char nonce[VS_DNSD_NONCE_LEN + 1];
	uint8_t sort;
	bool resolved;
	uint64_t at_ms; /* since when it is of that sort */
	struct share *share; /* NULL: listed */
	struct holder *holder; /* NULL: nobody listed it */
	struct vs_zone_seen seen; /* until it is listed */
	struct name *prev; /* of its sort, the oldest first */
	struct name *next;
	struct name *share_prev;
	struct name *share_next;
	UT_hash_handle hh;
};

struct vs_zone_book {
	struct vs_hash_seed seed;
	struct name *names;
	struct name *of_sort[SORTS];
	size_t counts[SORTS];
	struct share *shares;
	struct share *known; /* the one longest known first */
	size_t known_count;
	struct holder *holders;
	struct holder *idle; /* all of them */
	struct vs_addr last; /* that resolved a client's name; family 0: none */
	uint64_t another_ms; /* when it was another one before */
	bool another; /* ever */
};

struct vs_zone_book *vs_zone_book_create(void)
{
	struct vs_zone_book *book = vs_zalloc(sizeof(*book));

	vs_hash_seed_init(&book->seed);
	return book;
}

static unsigned hash(const struct vs_zone_book *book, const void *bytes, size_t len)
{
	return (unsigned)vs_hash(&book->seed, bytes, len);
}

/* --- networks -------------------------------------------------------------------------- */

static struct share *share_of(struct vs_zone_book *book, const struct vs_addr *resolver)
{
	unsigned char key[VS_DNSD_SHARE_KEY];
	struct share *share;
	unsigned value;

	vs_dnsd_share_key(resolver, key);
	value = hash(book, key, sizeof(key));
	HASH_FIND_BYHASHVALUE(hh, book->shares, key, sizeof(key), value, share);
	if (share != NULL)
		return share;
	share = vs_zalloc(sizeof(*share));
	memcpy(share->key, key, sizeof(key));
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, book->shares, share->key, sizeof(share->key), value, share);
	return share;
}

static void release_share(struct vs_zone_book *book, struct share *share)
{
	if (share->count > 0 || share->known)
		return;
	HASH_DELETE(hh, book->shares, share);
	vs_free(share);
}

static void forget_known(struct vs_zone_book *book, struct share *share)
{
	DL_DELETE(book->known, share);
	book->known_count--;
	share->known = false;
	release_share(book, share);
}

/* It resolved for a client. Names of it that wait already stay where they are. */
static void note_known(struct vs_zone_book *book, struct share *share)
{
	if (share->known) {
		DL_DELETE(book->known, share);
	} else {
		share->known = true;
		if (++book->known_count > VS_ZONE_KNOWN)
			forget_known(book, book->known);
	}
	DL_APPEND(book->known, share);
}

/* --- names ----------------------------------------------------------------------------- */

static struct name *find_name(const struct vs_zone_book *book, const char *nonce)
{
	struct name *name;

	HASH_FIND_BYHASHVALUE(
		hh, book->names, nonce, VS_DNSD_NONCE_LEN, hash(book, nonce, VS_DNSD_NONCE_LEN), name);
	return name;
}

static void leave_share(struct vs_zone_book *book, struct name *name)
{
	struct share *share = name->share;

	if (share == NULL)
		return;
	DL_DELETE2(share->names, name, share_prev, share_next);
	share->count--;
	name->share = NULL;
	release_share(book, share);
}

static void drop(struct vs_zone_book *book, struct name *name)
{
	leave_share(book, name);
	if (name->holder != NULL)
		name->holder->names--;
	DL_DELETE(book->of_sort[name->sort], name);
	book->counts[name->sort]--;
	HASH_DELETE(hh, book->names, name);
	vs_free(name);
}

static void enter_sort(struct vs_zone_book *book, struct name *name, enum sort sort, uint64_t now_ms)
{
	if (book->counts[sort] >= VS_ZONE_RING)
		drop(book, book->of_sort[sort]);
	name->sort = (uint8_t)sort;
	name->at_ms = now_ms;
	DL_APPEND(book->of_sort[sort], name);
	book->counts[sort]++;
}

static struct name *add_name(struct vs_zone_book *book, const char *nonce, enum sort sort, uint64_t now_ms)
{
	struct name *name = vs_zalloc(sizeof(*name));

	memcpy(name->nonce, nonce, VS_DNSD_NONCE_LEN);
	enter_sort(book, name, sort, now_ms);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, book->names, name->nonce, VS_DNSD_NONCE_LEN,
		hash(book, name->nonce, VS_DNSD_NONCE_LEN), name);
	return name;
}

static bool is_over(const struct name *name, uint64_t now_ms)
{
	return now_ms - name->at_ms >= VS_ZONE_WAIT_MS;
}

static void release_holder(struct vs_zone_book *book, struct holder *holder)
{
	DL_DELETE(book->idle, holder);
	HASH_DELETE(hh, book->holders, holder);
	vs_free(holder);
}

static void expire(struct vs_zone_book *book, uint64_t now_ms)
{
	unsigned left;
	int sort;

	for (sort = 0; sort < SORTS; sort++) {
		left = EXPIRE_A_TIME;
		while (left-- > 0 && book->of_sort[sort] != NULL && is_over(book->of_sort[sort], now_ms))
			drop(book, book->of_sort[sort]);
	}
	left = EXPIRE_A_TIME;
	while (left-- > 0 && book->idle != NULL && book->idle->names == 0 &&
		now_ms - book->idle->active_ms > VS_ZONE_WINDOW_MS)
		release_holder(book, book->idle);
}

/* --- clients --------------------------------------------------------------------------- */

static struct holder *find_holder(const struct vs_zone_book *book, const char *id)
{
	size_t len = strlen(id);
	struct holder *holder;

	HASH_FIND_BYHASHVALUE(hh, book->holders, id, len, hash(book, id, len), holder);
	return holder;
}

static void note_active(struct vs_zone_book *book, struct holder *holder, uint64_t now_ms)
{
	holder->active_ms = now_ms;
	DL_DELETE(book->idle, holder);
	DL_APPEND(book->idle, holder);
}

/* NULL: there are too many, and all are busy. */
static struct holder *hold(struct vs_zone_book *book, const char *id, uint64_t now_ms)
{
	struct holder *holder = find_holder(book, id);
	size_t len = strlen(id);

	if (holder == NULL && HASH_COUNT(book->holders) >= VS_ZONE_CLIENTS) {
		if (book->idle->names > 0)
			return NULL;
		release_holder(book, book->idle);
	}
	if (holder == NULL) {
		holder = vs_zalloc(sizeof(*holder) + len + 1);
		memcpy(holder->id, id, len);
		HASH_ADD_KEYPTR_BYHASHVALUE(hh, book->holders, holder->id, len, hash(book, id, len), holder);
		DL_APPEND(book->idle, holder);
	}
	note_active(book, holder, now_ms);
	return holder;
}

/* What was counted a window ago makes room. */
static void turn_minutes(struct holder *holder, uint64_t now_ms)
{
	uint64_t now = now_ms / MINUTE_MS;

	if (now - holder->minute >= MINUTES)
		memset(holder->labels, 0, sizeof(holder->labels));
	else
		while (holder->minute < now)
			holder->labels[++holder->minute % MINUTES] = 0;
	holder->minute = now;
}

static void count_label(struct holder *holder, uint64_t now_ms)
{
	uint16_t *count;

	vs_zone_seen_turn(&holder->seen);
	turn_minutes(holder, now_ms);
	count = &holder->labels[holder->minute % MINUTES];
	if (*count < UINT16_MAX)
		(*count)++;
}

/* A name of a client was resolved by that address. */
static void note_resolver(struct vs_zone_book *book, const struct vs_addr *resolver, uint64_t now_ms)
{
	if (vs_addr_equal(&book->last, resolver))
		return;
	book->another = book->last.family != 0;
	book->another_ms = now_ms;
	book->last = *resolver;
}

const struct vs_addr *vs_zone_book_hides(const struct vs_zone_book *book, uint64_t now_ms)
{
	const struct vs_addr *last = &book->last;

	if (HASH_COUNT(book->holders) < CLIENTS_MIN || last->family == 0 || !vs_gateway_can_be(last) ||
		(book->another && now_ms - book->another_ms < VS_ZONE_WINDOW_MS))
		return NULL;
	return last;
}

/* --- queries and lists ----------------------------------------------------------------- */

static struct name *add_stranger(
	struct vs_zone_book *book, const struct vs_zone_query *query, uint64_t now_ms)
{
	struct share *share = share_of(book, &query->resolver);
	struct name *name;

	share->count++; /* before its oldest name goes, and it with that */
	if (share->count > VS_ZONE_SHARE)
		drop(book, share->names);
	name = add_name(book, query->nonce, share->known ? KNOWN : STRANGERS, now_ms);
	name->share = share;
	DL_APPEND2(share->names, name, share_prev, share_next);
	return name;
}

void vs_zone_book_note(struct vs_zone_book *book, const struct vs_zone_query *query, uint64_t now_ms)
{
	struct name *name;

	expire(book, now_ms);
	name = find_name(book, query->nonce);
	if (name != NULL && is_over(name, now_ms)) {
		drop(book, name);
		name = NULL;
	}
	if (name == NULL)
		name = add_stranger(book, query, now_ms);
	if (name->holder == NULL) {
		vs_zone_seen_add(&name->seen, &query->resolver, &query->ecs, now_ms);
	} else {
		if (!name->resolved)
			count_label(name->holder, now_ms);
		vs_zone_seen_add(&name->holder->seen, &query->resolver, &query->ecs, now_ms);
		note_resolver(book, &query->resolver, now_ms);
		note_active(book, name->holder, now_ms);
	}
	name->resolved = true;
}

/* What was seen of it goes to its holder. */
static void hand_over(struct vs_zone_book *book, struct name *name, struct holder *holder, uint64_t now_ms)
{
	if (name->share != NULL)
		note_known(book, name->share);
	leave_share(book, name);
	DL_DELETE(book->of_sort[name->sort], name);
	book->counts[name->sort]--;
	enter_sort(book, name, LISTED, now_ms);
	count_label(holder, now_ms);
	for (size_t i = 0; i < name->seen.resolver_count; i++)
		note_resolver(book, &name->seen.resolvers[i], now_ms);
	vs_zone_seen_merge(&holder->seen, &name->seen);
}

void vs_zone_book_claim(
	struct vs_zone_book *book, const char *client_id, struct vs_view text, uint64_t now_ms)
{
	char nonce[VS_DNSD_NONCE_LEN + 1];
	struct holder *holder;
	struct vs_view label;
	struct name *name;

	expire(book, now_ms);
	if (!vs_view_split(&text, '.', &label) || !vs_dnsd_nonce_parse(nonce, label))
		return;
	name = find_name(book, nonce);
	if (name != NULL && is_over(name, now_ms)) {
		drop(book, name);
		name = NULL;
	}
	if (name != NULL && name->holder != NULL)
		return;
	holder = hold(book, client_id, now_ms);
	if (holder == NULL)
		return;
	if (name != NULL)
		hand_over(book, name, holder, now_ms);
	else
		name = add_name(book, nonce, LISTED, now_ms);
	name->holder = holder;
	holder->names++;
}

bool vs_zone_book_tell(
	struct vs_zone_book *book, const char *client_id, uint64_t now_ms, struct vs_zone_told *told)
{
	struct holder *holder = find_holder(book, client_id);
	size_t i;

	if (holder == NULL)
		return false;
	turn_minutes(holder, now_ms);
	vs_zone_seen_tell(&holder->seen, now_ms < VS_ZONE_WINDOW_MS ? 0 : now_ms - VS_ZONE_WINDOW_MS, told);
	for (i = 0; i < MINUTES; i++)
		told->labels += holder->labels[i];
	return told->resolver_count > 0;
}

size_t vs_zone_book_waiting(const struct vs_zone_book *book)
{
	return book->counts[STRANGERS] + book->counts[KNOWN];
}

size_t vs_zone_book_clients(const struct vs_zone_book *book)
{
	return HASH_COUNT(book->holders);
}

void vs_zone_book_destroy(struct vs_zone_book *book)
{
	int sort;

	if (book == NULL)
		return;
	for (sort = 0; sort < SORTS; sort++)
		while (book->of_sort[sort] != NULL)
			drop(book, book->of_sort[sort]);
	while (book->known != NULL)
		forget_known(book, book->known);
	while (book->idle != NULL)
		release_holder(book, book->idle);
	vs_free(book);
}
