/* Asking a running server something: what the commands that do share. */
#ifndef VS_CLI_ASK_H
#define VS_CLI_ASK_H

#include "cli/fetch.h"
#include "cli/options.h"

/* The options that say whom to ask and how, as the first ones of a command. */
enum { VS_ASK_URL, VS_ASK_KEY, VS_ASK_KEY_FILE, VS_ASK_CA, VS_ASK_PIN, VS_ASK_INSECURE, VS_ASK_OPTIONS };

#define VS_ASK_ROWS                                                                                          \
	[VS_ASK_URL] = {"url", 'u', "URL", "the server (default: the socket in VPN_SENTINEL_STATE_DIR)"},    \
	[VS_ASK_KEY] = {"key", 'k', "KEY",                                                                   \
		"its key; seen by everybody in the list of processes: better a file"},                       \
	[VS_ASK_KEY_FILE] = {"key-file", 0, "FILE", "a file with the key (default: VPN_SENTINEL_API_KEY)"},  \
	[VS_ASK_CA] = {"ca", 0, "FILE",                                                                      \
		"certificates to trust (default: VPN_SENTINEL_TLS_CERT_PATH, else the system's)"},           \
	[VS_ASK_PIN] = {"pin", 0, "PIN",                                                                     \
		"the server's key must be this one (default: VPN_SENTINEL_TLS_PIN)"},                        \
	[VS_ASK_INSECURE] = {"insecure", 0, NULL, "accept any certificate"}

/*
 * GETs path, which follows the API's own, into an initialised fetched. 0 when the server answered, with
 * any status; else the exit code, and it is said on standard error what to do.
 */
int vs_ask(const struct vs_command *command, const char *const *values, const char *path,
	struct vs_fetched *fetched);

/* The same with a method of its own ("POST", "DELETE") and a body; json NULL: none. */
int vs_ask_to(const struct vs_command *command, const char *const *values, const char *method,
	const char *path, const char *json, struct vs_fetched *fetched);

/* The sentence of the server's problem, or what its status means, on standard error. Returns the exit code.
 */
int vs_ask_problem(const struct vs_command *command, const struct vs_fetched *fetched);

/* The reply as it is, and the end of a line, on standard output. */
void vs_ask_print(const struct vs_fetched *fetched);

/* Says what another status than 200 means, on standard error. Returns the exit code. */
int vs_ask_refused(const struct vs_command *command, const struct vs_fetched *fetched);

#endif
