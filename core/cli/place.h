/* Where a local command finds its server: the options --url --key --key-file and the environment. */
#ifndef VS_CLI_PLACE_H
#define VS_CLI_PLACE_H

#include "base/buf.h"
#include "base/err.h"

/* $VPN_SENTINEL_STATE_DIR/name */
void vs_place_state_file(struct vs_buf *out, const char *name);

/* The key given, else that in key_file, else VPN_SENTINEL_API_KEY or its _FILE; "" when there is none. */
int vs_place_key(struct vs_buf *out, const char *key, const char *key_file, struct vs_err *err);

/* "/api/v1", or what VPN_SENTINEL_API_PATH says, with one leading slash and none at the end. */
void vs_place_api_path(struct vs_buf *out);

#endif
