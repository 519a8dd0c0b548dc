/* A store that remembers a few records in order of arrival, and fails as its keys say. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VPNS_DRAFT
#include "vpn_sentinel/plugin.h"

#define RECORDS 4096

struct config {
	const char *mode;
	const char *away; /* while there is a file of this name it will not open */
	int64_t fd; /* commits read a byte from it before they begin, unless negative */
};

struct record {
	char *key;
	char *value;
};

struct keeper {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_metric_service *metric;
	struct record records[RECORDS];
	size_t count;
	int parts; /* in mode parts: of backups, three each */
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), 0, "good", 0, 0, 0, NULL, "how to behave"},
	{"away", VPNS_TEXT(struct config, away), 0, NULL, 0, 0, 0, NULL, "a file that keeps it from opening"},
	{"fd", VPNS_INT(struct config, fd), 0, "-1", 0, 0, 0, NULL, "what to wait for"},
};

static const char *const needs[] = {VPNS_METRIC_1};

static int is_mode(const struct keeper *self, const char *mode)
{
	return strcmp(self->config->mode, mode) == 0;
}

static void finish(struct keeper *self, vpns_op op, uint32_t status, const char *reason)
{
	const struct vpns_store_result result = {
		.head = {sizeof(result), VPNS_KIND_STORE}, .status = status, .reason = reason};

	self->host->finish(self->host, op, &result.head);
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct keeper *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->host = host;
	self->config = config;
	self->metric = host->service(host, VPNS_METRIC_1);
	if (is_mode(self, "will_not_open")) {
		strcpy(error->text, "the disk is full of water");
		free(self);
		return NULL;
	}
	if (self->config->away != NULL && access(self->config->away, F_OK) == 0) {
		strcpy(error->text, "the disk is away");
		free(self);
		return NULL;
	}
	if (is_mode(self, "rots"))
		strcpy(error->text, "the old leaves are in the attic");
	return self;
}

static char *copy(struct vpns_bytes bytes)
{
	char *text = malloc(bytes.len + 1);

	if (!text)
		abort();
	if (bytes.len > 0)
		memcpy(text, bytes.ptr, bytes.len);
	text[bytes.len] = '\0';
	return text;
}

static void put(struct keeper *self, const struct vpns_store_write *write)
{
	if (self->count < RECORDS) {
		self->records[self->count].key = copy(write->key);
		self->records[self->count++].value = copy(write->value);
	}
}

static int32_t commit(void *state, vpns_op op, const struct vpns_store_batch *batch)
{
	struct keeper *self = state;
	char byte;
	uint32_t i;

	while (self->config->fd >= 0 && read((int)self->config->fd, &byte, 1) < 0 && errno == EINTR)
		;
	if (is_mode(self, "silent"))
		return 0;
	if (is_mode(self, "refuses"))
		return VPNS_E_UNAVAILABLE;
	if (is_mode(self, "full")) {
		finish(self, op, VPNS_STORE_RETRY, "the disk is full");
		return 0;
	}
	if (is_mode(self, "rots") && self->count > 0) {
		finish(self, op, VPNS_STORE_CORRUPT, "moths");
		return 0;
	}
	for (i = 0; i < batch->count; i++)
		put(self, &batch->writes[i]);
	self->metric->add(self->host, "commits", 1);
	finish(self, op, VPNS_STORE_DONE, NULL);
	if (is_mode(self, "twice"))
		finish(self, op, VPNS_STORE_FAILED, "no");
	return 0;
}

static int32_t scan(void *state, vpns_op op, const struct vpns_store_scan *scan)
{
	struct keeper *self = state;
	size_t told = 0;
	size_t i;

	for (i = 0; i < self->count && (scan->limit == 0 || told < scan->limit); i++) {
		const struct record *record = &self->records[scan->reverse ? self->count - 1 - i : i];
		const struct vpns_bytes key = {record->key, strlen(record->key)};
		const struct vpns_bytes value = {record->value, strlen(record->value)};

		told++;
		if (scan->each(scan->arg, key, value) != 0)
			break;
	}
	finish(self, op, VPNS_STORE_DONE, NULL);
	return 0;
}

static int32_t backup(void *state, vpns_op op, const char *path)
{
	struct keeper *self = state;
	FILE *file;

	if (is_mode(self, "parts") && ++self->parts % 3 != 0) {
		finish(self, op, VPNS_STORE_MORE, NULL);
		return 0;
	}
	file = fopen(path, "wx");
	if (!file) {
		finish(state, op, VPNS_STORE_FAILED, "the file cannot be made");
		return 0;
	}
	fclose(file);
	finish(state, op, VPNS_STORE_DONE, NULL);
	return 0;
}

static void destroy(void *state)
{
	struct keeper *self = state;
	size_t i;

	for (i = 0; i < self->count; i++) {
		free(self->records[i].key);
		free(self->records[i].value);
	}
	free(self);
}

static const struct vpns_store_ops ops = {.size = sizeof(ops),
	.create = create,
	.commit = commit,
	.scan = scan,
	.backup = backup,
	.destroy = destroy};

VPNS_STORE_PLUGIN("keeper", "1.0.0", "keeps a few records", VPNS_PLUGIN_EXCLUSIVE, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
