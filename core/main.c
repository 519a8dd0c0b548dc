#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"
#include "model/json.h"

/* A descriptor below 3 that is closed would go to the next file or socket, and be printed into. */
static void open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= STDIN_FILENO && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

int main(int argc, char **argv)
{
	open_standard_streams();
	(void)signal(SIGPIPE, SIG_IGN); /* whoever reads the log may go: that ends nobody */
	vs_json_setup(); /* running out of memory ends in one place, for jansson too */
	return vs_cli_run(argc, argv);
}
