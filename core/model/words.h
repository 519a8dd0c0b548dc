/* A transition in words that a person understands at 3 a.m., in that person's language. */
#ifndef VS_MODEL_WORDS_H
#define VS_MODEL_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/kind.h"
#include "model/verdict.h"

struct vs_tongue;
struct vs_transition;

#define VS_MESSAGE_FIELDS_MAX 20

struct vs_message_field {
	const char *name; /* static, whatever the language: "client", "since", a key of the details */
	const char *label; /* static */
	char *value; /* owned */
};

/* Unescaped UTF-8 without controls and direction marks; the channel escapes. */
struct vs_message {
	struct vs_buf title; /* one line */
	const char *headline; /* static: what the title says, without its sign and its client */
	struct vs_buf body; /* sentences, one a line */
	struct vs_message_field fields[VS_MESSAGE_FIELDS_MAX];
	size_t field_count;
};

void vs_message_init(struct vs_message *message);
void vs_message_fini(struct vs_message *message); /* twice is fine */

/* How times are shown: text gets "2026-11-23 02:14:46 EET". */
struct vs_words_zone {
	void (*format)(void *arg, char *text, size_t size, int64_t wall_ms);
	void *arg;
};

/* Fills an initialised, empty message. zone NULL: UTC. tongue NULL: English. */
void vs_words_tell(const struct vs_transition *transition, const struct vs_words_zone *zone,
	const struct vs_tongue *tongue, struct vs_message *message);

/* What a problem is called in a sentence: "a DNS leak"; "" for what is none of a client. English: evidence
 * quotes it. */
const char *vs_words_kind(enum vs_kind kind);
/* All three for the catalogs, in English: "VPN bypass", "certain", "critical". */
const char *vs_words_headline(enum vs_kind kind);
/* What its title says, without its sign and its client, in that language: "DNS leak is over". */
const char *vs_words_told(const struct vs_transition *transition, const struct vs_tongue *tongue);
const char *vs_words_confidence(enum vs_confidence confidence);
const char *vs_words_severity(enum vs_severity severity);

/* The static copy of a detail key, NULL when there is no such key. */
const char *vs_detail_key(const char *key);

#endif
