#include "cli/cli.h"
#include "model/json.h"

int main(int argc, char **argv)
{
	vs_json_setup(); /* running out of memory ends in one place, for jansson too */
	return vs_cli_run(argc, argv);
}
