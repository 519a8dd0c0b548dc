/* What the load generator was told to do. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
	const char *host; /* an IPv4 address */
	uint16_t port;
	const char *key; /* NULL: none is shown */
	const char *api; /* before /keepalive */
	const char *get; /* NULL: keepalives; else the path to get */
	const char *known; /* the ETag of what is had already; NULL: nothing is */
	const char *body; /* flat, nested, own or upgraded */
	unsigned connections;
	bool close; /* a connection for each request */
	bool tls;
	bool spin; /* never sleep: the server need not wake anybody, as if the clients were elsewhere */
	uint32_t ids; /* round-robin */
	uint32_t first_id;
	uint64_t first_seq;
	double seconds; /* whichever of the two comes first; 0: only the other one counts */
	uint64_t count;
	double patience; /* seconds without any answer */
	double rate; /* a second, of all connections; 0: as fast as answers come */
	pid_t pid; /* whose processor time is read; 0: nobody's */
};

/* False after a sentence on stderr. */
bool options_read(struct options *options, int argc, char **argv);

#endif
