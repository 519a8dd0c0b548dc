#include "client/identity.h"

#include <stdio.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/view.h"
#include "model/report.h"

#define FILE_NAME "client_id"
#define SUFFIX_BYTES 3 /* six hex digits */
#define HOST_MAX (VS_IDENTITY_SIZE - 1 - 1 - 2 * SUFFIX_BYTES) /* what the dash and the suffix leave */

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
	       c == '_' || c == '-';
}

/* Reads the kept id. A missing file is no news; anything else that prevents its use is. */
static bool find_kept(struct vs_identity *identity, const char *path)
{
	struct vs_buf text;
	struct vs_err err;
	struct vs_view view;
	bool found = false;
	int rc;

	vs_buf_init(&text);
	rc = vs_file_read(&text, path, 4096, &err);
	view = vs_view_trim(vs_buf_view(&text));
	if (rc == VS_ERR_NOT_FOUND)
		goto out;
	if (rc < 0) {
		vs_log(VS_LOG_WARN, "client", "the kept client id cannot be read: %s", err.text);
		goto out;
	}
	found = vs_client_id_valid(view);
	if (found)
		snprintf(identity->id, sizeof(identity->id), "%.*s", (int)view.len, view.ptr);
	else
		vs_log(VS_LOG_WARN, "client", "%s does not hold a client id; a new one replaces it", path);
out:
	vs_buf_fini(&text);
	return found;
}

static void make(struct vs_identity *identity, const char *host_name)
{
	unsigned char random[SUFFIX_BYTES];
	char suffix[2 * SUFFIX_BYTES + 1];
	size_t len = 0;
	size_t i;

	for (i = 0; host_name[i] != '\0' && len < HOST_MAX; i++) {
		char c = is_id_char(host_name[i]) ? host_name[i] : '-';

		/* One dash stands for a run of foreign characters, none for those in front. */
		if (c == '-' && (len == 0 || identity->id[len - 1] == '-'))
			continue;
		identity->id[len++] = c;
	}
	while (len > 0 && identity->id[len - 1] == '-')
		len--;
	identity->id[len] = '\0';
	if (len == 0)
		len = (size_t)snprintf(identity->id, sizeof(identity->id), "client");
	vs_random(random, sizeof(random));
	vs_hex(suffix, random, sizeof(random));
	snprintf(identity->id + len, sizeof(identity->id) - len, "-%s", suffix);
}

static int keep(const char *id, const char *state_dir, const char *path, struct vs_err *err)
{
	char line[VS_IDENTITY_SIZE + 1];
	int rc;

	rc = vs_dir_make(state_dir, 0700, err);
	if (rc < 0)
		return rc;
	return vs_file_write(path, line, (size_t)snprintf(line, sizeof(line), "%s\n", id), 0600, err);
}

int vs_identity_find(struct vs_identity *identity, const char *configured, const char *state_dir,
	const char *host_name, struct vs_err *err)
{
	struct vs_buf path;
	struct vs_err reason;

	if (configured != NULL && configured[0] != '\0') {
		if (!vs_client_id_valid(vs_view_of(configured)))
			return vs_err_set(err, VS_ERR_INVALID,
				"\"%s\" is not a client id: use 1 to 100 letters, digits, dots, dashes and "
				"underscores",
				configured);
		snprintf(identity->id, sizeof(identity->id), "%s", configured);
		identity->source = VS_IDENTITY_CONFIGURED;
		return 0;
	}
	vs_buf_init(&path);
	vs_buf_printf(&path, "%s/" FILE_NAME, state_dir);
	identity->source = VS_IDENTITY_KEPT;
	if (!find_kept(identity, vs_buf_text(&path))) {
		make(identity, host_name == NULL ? "" : host_name);
		identity->source = VS_IDENTITY_MADE;
		if (keep(identity->id, state_dir, vs_buf_text(&path), &reason) < 0) {
			identity->source = VS_IDENTITY_LOOSE;
			vs_log(VS_LOG_WARN, "client",
				"the client id %s cannot be kept: %s; after a restart the server will see a "
				"new "
				"client: set VPN_SENTINEL_CLIENT_ID or make the state directory writable",
				identity->id, reason.text);
		}
	}
	vs_buf_fini(&path);
	return 0;
}
