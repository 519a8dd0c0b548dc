/* `key new`: an API key. */
#include <stdio.h>

#include "base/id.h"
#include "cli/commands.h"

#define KEY_BYTES 32

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	unsigned char bytes[KEY_BYTES];
	char text[2 * KEY_BYTES + 1];

	(void)command;
	(void)values;
	(void)operands;
	vs_random(bytes, sizeof(bytes));
	vs_hex(text, bytes, sizeof(bytes));
	puts(text);
	return 0;
}

const struct vs_command vs_command_key_new = {
	.name = "key new",
	.operands = "",
	.summary = "Print a new API key: 256 random bits",
	.text = "Only the key goes to standard output. Give it to the server and its clients, best in a "
		"file:\n\n"
		"  (umask 077; vpn-sentinel key new > key)\n"
		"  VPN_SENTINEL_API_KEY_FILE=key vpn-sentinel server",
	.run = run,
};
