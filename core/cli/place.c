#include "cli/place.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/view.h"
#include "config/common_conf.h"
#include "config/env.h"

#define KEY_FILE_MAX 4096

static const struct vs_env process_env = {NULL};

void vs_place_state_file(struct vs_buf *out, const char *name)
{
	const char *dir = vs_env_get(&process_env, "VPN_SENTINEL_STATE_DIR");

	vs_buf_printf(out, "%s/%s", dir != NULL ? dir : VS_DEFAULT_STATE_DIR, name);
}

static void trim_end(struct vs_buf *text)
{
	while (text->len > 0 && strchr(" \t\r\n", text->ptr[text->len - 1]) != NULL)
		text->ptr[--text->len] = '\0';
}

int vs_place_key(struct vs_buf *out, const char *key, const char *key_file, struct vs_err *err)
{
	int rc = 0;

	if (key != NULL)
		vs_buf_add_text(out, key);
	else if (key_file != NULL)
		rc = vs_file_read(out, key_file, KEY_FILE_MAX, err);
	else
		rc = vs_env_value(&process_env, "VPN_SENTINEL_API_KEY", out, err);
	if (rc == VS_ERR_NOT_FOUND && key_file == NULL)
		rc = 0; /* none: the socket needs no key */
	trim_end(out);
	if (rc == 0)
		vs_log_secret(vs_buf_text(out));
	return rc;
}

void vs_place_api_path(struct vs_buf *out)
{
	const char *path = vs_env_get(&process_env, "VPN_SENTINEL_API_PATH");

	if (path == NULL)
		path = "/api/v1";
	while (*path == '/')
		path++;
	if (*path != '\0')
		vs_buf_printf(out, "/%s", path);
	while (out->len > 0 && out->ptr[out->len - 1] == '/')
		out->ptr[--out->len] = '\0';
}
