/*
 * What people want of clients: it goes to each with the answer to its next keepalive, once. [loop]
 * A wish that nobody fetches is forgotten after VS_WISH_MS.
 */
#ifndef VS_SERVER_WISHES_H
#define VS_SERVER_WISHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_wishes;

#define VS_WISHES_MAX 1000 /* clients of which something is wanted */
#define VS_WISH_MS (3600 * 1000)

struct vs_wishes *vs_wishes_create(void);
void vs_wishes_destroy(struct vs_wishes *wishes); /* NULL is fine */

/* A measurement at once, please. False: too many are wanted already. now_ms: monotonic. */
bool vs_wishes_add_probe(struct vs_wishes *wishes, const char *client_id, uint64_t now_ms);
/* True, once, when that was wanted. Costs next to nothing while nothing is. NULL wishes: never. */
bool vs_wishes_take_probe(struct vs_wishes *wishes, const char *client_id, uint64_t now_ms);
size_t vs_wishes_count(const struct vs_wishes *wishes);

#endif
