/* Where a local command finds its role: the state directory, the key, the API's path. */
#ifndef VS_CLI_PLACE_H
#define VS_CLI_PLACE_H

#include "base/buf.h"
#include "base/err.h"

/* All append to out. Of each variable, NAME_FILE may name a file with the value instead. */

/* $VPN_SENTINEL_STATE_DIR/name */
int vs_place_state_file(struct vs_buf *out, const char *name, struct vs_err *err);

/*
 * The key given, else that in key_file, else VPN_SENTINEL_API_KEY; nothing when there is none.
 * Registered as a secret. A key of several lines, or with control characters, is refused.
 */
int vs_place_key(struct vs_buf *out, const char *key, const char *key_file, struct vs_err *err);

/* "/api/v1", or what VPN_SENTINEL_API_PATH says, with one leading slash and none at the end. */
int vs_place_api_path(struct vs_buf *out, struct vs_err *err);

#endif
