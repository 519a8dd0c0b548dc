#include "client/state_file.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "client/aside.h"
#include "loop/loop.h"
#include "plug/env.h"

#define WRITE_DELAY_MS 1000
#define FILE_MAX ((size_t)16 * 1024 * 1024)

struct vs_state_file {
	char *path; /* NULL: memory only */
	json_t *owners; /* owner -> key -> text */
	struct vs_timer *timer;
	bool changed;
	bool warned;
};

/* Objects of texts within an object, nothing else. */
static bool is_state(json_t *root)
{
	const char *owner;
	const char *key;
	json_t *keys;
	json_t *text;

	if (!json_is_object(root))
		return false;
	json_object_foreach(root, owner, keys)
	{
		if (!json_is_object(keys))
			return false;
		json_object_foreach(keys, key, text) if (!json_is_string(text)) return false;
	}
	return true;
}

static json_t *load(const char *path)
{
	struct vs_buf bytes;
	struct vs_err err;
	json_t *root = NULL;
	int rc;

	vs_buf_init(&bytes);
	rc = vs_file_read(&bytes, path, FILE_MAX, &err);
	if (rc == 0) {
		root = json_loadb(vs_buf_text(&bytes), bytes.len, JSON_REJECT_DUPLICATES, NULL);
		if (!is_state(root)) {
			vs_set_aside(path, "it is not the JSON that was written there");
			json_decref(root);
			root = NULL;
		}
	} else if (rc != VS_ERR_NOT_FOUND) {
		vs_log(VS_LOG_WARN, "client", "what probes remembered cannot be read: %s", err.text);
	}
	vs_buf_fini(&bytes);
	return root != NULL ? root : json_object();
}

static void save(struct vs_state_file *state)
{
	struct vs_err err;
	char *text;

	if (state->path == NULL || !state->changed)
		return;
	text = json_dumps(state->owners, JSON_COMPACT | JSON_SORT_KEYS);
	if (vs_file_write(state->path, text, strlen(text), 0600, &err) == 0) {
		state->changed = false;
		state->warned = false;
	} else if (!state->warned) {
		vs_log(VS_LOG_WARN, "client", "what probes remember will not survive a restart: %s",
			err.text);
		state->warned = true;
	}
	vs_free(text);
}

static void on_timer(void *arg)
{
	save(arg);
}

struct vs_state_file *vs_state_file_create(struct vs_loop *loop, const char *path)
{
	struct vs_state_file *state = vs_zalloc(sizeof(*state));

	state->path = vs_strdup_or_null(path);
	state->owners = path == NULL ? json_object() : load(path);
	state->timer = vs_timer_create(loop, on_timer, state);
	return state;
}

void vs_state_file_destroy(struct vs_state_file *state)
{
	if (state == NULL)
		return;
	save(state);
	vs_timer_destroy(state->timer);
	json_decref(state->owners);
	vs_free(state->path);
	vs_free(state);
}

static const char *get(void *arg, const char *owner, const char *key)
{
	struct vs_state_file *state = arg;

	return json_string_value(json_object_get(json_object_get(state->owners, owner), key));
}

static int put(void *arg, const char *owner, const char *key, const char *text)
{
	struct vs_state_file *state = arg;
	json_t *keys = json_object_get(state->owners, owner);
	int failed = 0;

	if (text == NULL) {
		json_object_del(keys, key);
	} else {
		if (keys == NULL) {
			keys = json_object();
			json_object_set_new(state->owners, owner, keys);
		}
		failed = json_object_set_new(keys, key, json_string(text));
	}
	if (failed != 0)
		return VS_ERR_INVALID; /* not UTF-8 */
	state->changed = true;
	if (!vs_timer_is_set(state->timer))
		vs_timer_start(state->timer, WRITE_DELAY_MS);
	return 0;
}

struct vs_state_backend vs_state_file_backend(struct vs_state_file *state)
{
	return (struct vs_state_backend){.get = get, .put = put, .arg = state};
}
