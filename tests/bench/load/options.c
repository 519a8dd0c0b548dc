#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS_MAX 1000000 /* each has an address of its own: see request.c */
#define CONNECTIONS_MAX 20000
#define SECONDS_MAX 3600

static const char usage[] =
	"usage: load --port N [--host ADDRESS] [--key KEY] [--api PATH] [--get PATH [--known ETAG]] [--body "
	"flat|nested|own|upgraded]\n"
	"            [--connections N] [--close] [--tls] [--spin] [--ids N] [--first-id N] [--first-seq N]\n"
	"            [--seconds S] [--patience S] [--count N] [--rate N] [--pid N]\n"
	"Sends keepalives, or gets PATH, over N connections, one request at a time on each, for S seconds "
	"or\n"
	"N requests; prints one line of JSON. With --rate requests are due at fixed times, and a latency\n"
	"counts from when its request was due.\n";

static const struct option table[] = {
	{"host", required_argument, NULL, 'h'},
	{"port", required_argument, NULL, 'p'},
	{"key", required_argument, NULL, 'k'},
	{"api", required_argument, NULL, 'a'},
	{"get", required_argument, NULL, 'g'},
	{"known", required_argument, NULL, 'e'},
	{"body", required_argument, NULL, 'b'},
	{"connections", required_argument, NULL, 'c'},
	{"close", no_argument, NULL, 'x'},
	{"tls", no_argument, NULL, 't'},
	{"spin", no_argument, NULL, 'S'},
	{"ids", required_argument, NULL, 'i'},
	{"first-id", required_argument, NULL, 'f'},
	{"first-seq", required_argument, NULL, 'q'},
	{"seconds", required_argument, NULL, 's'},
	{"count", required_argument, NULL, 'n'},
	{"patience", required_argument, NULL, 'w'},
	{"rate", required_argument, NULL, 'r'},
	{"pid", required_argument, NULL, 'P'},
	{NULL, 0, NULL, 0},
};

static void take(struct options *options, int letter, const char *text)
{
	switch (letter) {
	case 'h':
		options->host = text;
		break;
	case 'p':
		options->port = (uint16_t)strtoul(text, NULL, 10);
		break;
	case 'k':
		options->key = text;
		break;
	case 'a':
		options->api = text;
		break;
	case 'g':
		options->get = text;
		break;
	case 'e':
		options->known = text;
		break;
	case 'b':
		options->body = text;
		break;
	case 'c':
		options->connections = (unsigned)strtoul(text, NULL, 10);
		break;
	case 'x':
		options->close = true;
		break;
	case 't':
		options->tls = true;
		break;
	case 'S':
		options->spin = true;
		break;
	case 'i':
		options->ids = (uint32_t)strtoul(text, NULL, 10);
		break;
	case 'f':
		options->first_id = (uint32_t)strtoul(text, NULL, 10);
		break;
	case 'q':
		options->first_seq = strtoull(text, NULL, 10);
		break;
	case 's':
		options->seconds = strtod(text, NULL);
		break;
	case 'n':
		options->count = strtoull(text, NULL, 10);
		break;
	case 'w':
		options->patience = strtod(text, NULL);
		break;
	case 'r':
		options->rate = strtod(text, NULL);
		break;
	case 'P':
		options->pid = (pid_t)strtol(text, NULL, 10);
		break;
	default:
		break;
	}
}

static const char *fault_of(const struct options *options)
{
	if (options->port == 0)
		return "--port is missing";
	if (options->connections == 0 || options->connections > CONNECTIONS_MAX)
		return "--connections must be 1 to 20000";
	if (options->ids == 0 || options->first_id >= IDS_MAX || options->ids > IDS_MAX - options->first_id)
		return "--ids and --first-id must name ids from 0 to 999999";
	if (options->seconds <= 0 && options->count == 0)
		return "--seconds or --count must say when to end";
	if (options->seconds < 0 || options->seconds > SECONDS_MAX || options->rate < 0)
		return "--seconds must be at most 3600 and --rate not negative";
	return NULL;
}

bool options_read(struct options *options, int argc, char **argv)
{
	const char *fault;
	int letter;

	*options = (struct options){.host = "127.0.0.1",
		.api = "/api/v1",
		.body = "flat",
		.connections = 64,
		.ids = 10000,
		.patience = 30};
	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (letter == '?') {
			fputs(usage, stderr);
			return false;
		}
		take(options, letter, optarg);
	}
	fault = fault_of(options);
	if (fault == NULL && optind < argc)
		fault = "it takes no operands";
	if (fault != NULL)
		fprintf(stderr, "load: %s\n%s", fault, usage);
	return fault == NULL;
}
