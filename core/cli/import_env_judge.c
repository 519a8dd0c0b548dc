/* What becomes of each variable: by the table of the environment, and by what the original made of it. */
#include <stdio.h>
#include <string.h>

#include "cli/import_env.h"

#define OURS "VPN_SENTINEL_"
#define NEVER "the original never read it; here it does what its name says"

/* Where a name is the same and what it does is not. */
static const struct {
	const char *name;
	const char *change;
} changes[] = {
	{"VPN_SENTINEL_API_KEY", "it is never optional: without a key the server does not start"},
	{"VPN_SENTINEL_SERVER_ALLOWED_IPS",
		"prefixes are understood, and X-Forwarded-For of strangers is not believed"},
	{"VPN_SENTINEL_CLIENT_ID", "it is used as it is written, and kept when it is not set"},
	{"VPN_SENTINEL_TIMEOUT", "for a keepalive; each probe has a time of its own"},
	{"VPN_SENTINEL_TLS_CERT_PATH",
		"a file that cannot be read is an error, and a renewed one is used at once"},
	{"VPN_SENTINEL_ALLOW_INSECURE", "it is in the log for as long as it is on; a pin is better"},
	{"VPN_SENTINEL_LOG_FILE", "it is beside standard error; unset there is none"},
	{"TZ", "the zone of all messages"},
	{"VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS", NEVER},
	{"VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES", NEVER},
	{"VPN_SENTINEL_ALERT_THRESHOLD_MINUTES", NEVER},
	{"VPN_SENTINEL_TELEGRAM_BOT_TOKEN", NEVER},
	{"VPN_SENTINEL_TELEGRAM_CHAT_ID", NEVER},
	{"VPN_SENTINEL_SERVER_URL", NEVER},
	{"VPN_SENTINEL_SERVER_API_BASE_URL", NEVER},
	{"VPN_SENTINEL_ALLOWED_IPS", NEVER},
	{"VPN_SENTINEL_CHECK_INTERVAL", NEVER},
	{"IPINFO_API_TOKEN", NEVER},
	{"DNS_LEAK_TOLERANCE", NEVER},
};

static const char *change_of(const char *name)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (strcmp(changes[i].name, name) == 0)
			return changes[i].change;
	}
	return "";
}

static void say(struct vs_import_verdict *verdict, enum vs_import_fate fate, const char *reason)
{
	verdict->fate = fate;
	snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
}

static void judge_unknown(struct vs_import_verdict *verdict, const char *name)
{
	const char *near = vs_env_nearest(name);

	verdict->fate = VS_IMPORT_UNKNOWN;
	snprintf(verdict->reason, sizeof(verdict->reason), "nobody ever read it%s%s%s",
		near == NULL ? "" : "; did you mean ", near == NULL ? "" : near, near == NULL ? "" : "?");
}

/* known is its row; a name beside it is NAME_FILE. */
static void judge_known(struct vs_import_verdict *verdict, const struct vs_import_var *var,
	const struct vs_env_variable *known)
{
	bool alias = known->status == VS_ENV_ALIAS;
	bool by_file = strcmp(var->name, known->name) != 0;

	verdict->role = known->role == VS_ENV_BOTH ? var->role : known->role;
	if (known->status == VS_ENV_OBSOLETE) {
		say(verdict, VS_IMPORT_DROPPED, known->note);
		return;
	}
	if (var->role != VS_ENV_BOTH && verdict->role != var->role) {
		say(verdict, VS_IMPORT_DROPPED,
			var->role == VS_ENV_CLIENT ? "the client does not read it"
						   : "the server does not read it");
		return;
	}
	snprintf(verdict->name, sizeof(verdict->name), "%s%s", alias ? known->note : known->name,
		by_file ? "_FILE" : "");
	say(verdict, alias ? VS_IMPORT_RENAMED : VS_IMPORT_KEPT,
		by_file ? "the original did not read it from a file" : change_of(known->name));
}

void vs_import_judge(struct vs_import_verdict *verdict, const struct vs_import_var *var)
{
	bool ours = strncmp(var->name, OURS, strlen(OURS)) == 0;
	const struct vs_env_variable *known = vs_env_find(var->name);

	*verdict = (struct vs_import_verdict){.fate = VS_IMPORT_NOT_OURS};
	if (known == NULL ? !ours : (var->foreign && !ours))
		return;
	if (known == NULL)
		judge_unknown(verdict, var->name);
	else if (var->value[0] == '\0' && known->status != VS_ENV_OBSOLETE)
		say(verdict, VS_IMPORT_EMPTY, "which is the same as unset");
	else
		judge_known(verdict, var, known);
}
