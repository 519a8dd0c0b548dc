#include "cli/place.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/view.h"
#include "config/common_conf.h"
#include "config/env.h"

#define KEY_FILE_MAX 4096
#define DEFAULT_API_PATH "/api/v1"

static const struct vs_env process_env = {NULL};

/* The variable's value, else fallback (NULL: nothing). */
static int add_variable(struct vs_buf *out, const char *name, const char *fallback, struct vs_err *err)
{
	int rc = vs_env_value(&process_env, name, out, err);

	if (rc != VS_ERR_NOT_FOUND)
		return rc;
	if (fallback != NULL)
		vs_buf_add_text(out, fallback);
	return 0;
}

int vs_place_state_file(struct vs_buf *out, const char *name, struct vs_err *err)
{
	int rc = add_variable(out, "VPN_SENTINEL_STATE_DIR", VS_DEFAULT_STATE_DIR, err);

	if (rc == 0)
		vs_buf_printf(out, "/%s", name);
	return rc;
}

/* Over the wire it is one header line. */
static int check_key(struct vs_view key, const char *key_file, struct vs_err *err)
{
	size_t i;

	for (i = 0; i < key.len; i++) {
		if ((unsigned char)key.ptr[i] < 0x20 || key.ptr[i] == 0x7f)
			return vs_err_set(err, VS_ERR_INVALID,
				"the key%s%s has several lines or control characters; give one key alone",
				key_file != NULL ? " in " : "", key_file != NULL ? key_file : "");
	}
	if (key.len == 0 && key_file != NULL)
		return vs_err_set(err, VS_ERR_INVALID, "%s is empty; it should hold the key", key_file);
	return 0;
}

int vs_place_key(struct vs_buf *out, const char *key, const char *key_file, struct vs_err *err)
{
	struct vs_buf text;
	struct vs_view found;
	int rc = 0;

	vs_buf_init(&text);
	if (key != NULL)
		vs_buf_add_text(&text, key);
	else if (key_file != NULL)
		rc = vs_file_read(&text, key_file, KEY_FILE_MAX, err);
	else
		rc = add_variable(&text, "VPN_SENTINEL_API_KEY", NULL, err);
	found = vs_view_trim(vs_buf_view(&text));
	if (rc == 0)
		rc = check_key(found, key_file, err);
	if (rc == 0 && found.len > 0) {
		vs_buf_add(out, found.ptr, found.len);
		vs_log_secret(out->ptr + out->len - found.len);
	}
	vs_buf_fini(&text);
	return rc;
}

int vs_place_api_path(struct vs_buf *out, struct vs_err *err)
{
	struct vs_buf text;
	struct vs_view path;
	int rc;

	vs_buf_init(&text);
	rc = add_variable(&text, "VPN_SENTINEL_API_PATH", DEFAULT_API_PATH, err);
	path = vs_view_trim(vs_buf_view(&text));
	while (path.len > 0 && path.ptr[0] == '/')
		path = (struct vs_view){path.ptr + 1, path.len - 1};
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (rc == 0 && path.len > 0) {
		vs_buf_add_char(out, '/');
		vs_buf_add(out, path.ptr, path.len);
	}
	vs_buf_fini(&text);
	return rc;
}
