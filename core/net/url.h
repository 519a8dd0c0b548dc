/* http and https URLs, as far as a client must judge one before it hands it on. Pure. */
#ifndef VS_NET_URL_H
#define VS_NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct vs_err;

#define VS_URL_MAX 8192

/* Borrows from the text it was parsed from. */
struct vs_url {
	struct vs_view host; /* without brackets */
	uint16_t port; /* the scheme's when none is given */
	bool https;
	bool has_user; /* user:password@ stood in it */
	struct vs_view target; /* path, query and fragment; may be empty */
};

/* VS_ERR_INVALID with a sentence that does not repeat the URL, since it may hold a token. */
int vs_url_parse(struct vs_url *url, struct vs_view text, struct vs_err *err);

#endif
