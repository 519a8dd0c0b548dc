/*
 * The bytes of requests. All requests of a run are equally long and differ in digits only, so that
 * making one costs next to nothing: the client's number, its exit address, the count of reports.
 */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

#define REQUEST_MAX 4096
#define REQUEST_HOLES 16

struct request {
	char text[REQUEST_MAX];
	size_t len;
	struct {
		size_t at;
		char kind; /* of the marks in request.c */
	} holes[REQUEST_HOLES];
	size_t hole_count;
};

int request_init(struct request *request, const struct options *options); /* -1: said on stderr */
void request_fill(struct request *request, uint32_t id, uint64_t seq);

#endif
