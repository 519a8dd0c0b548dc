/* The texts that messages are made of, in English. Nobody but words*.c includes this. */
#ifndef VS_MODEL_WORDS_TABLE_H
#define VS_MODEL_WORDS_TABLE_H

#include "model/kind.h"
#include "model/verdict.h"

/* What a kind is called, what it means, and what to do about it. All static. */
struct vs_kind_words {
	const char *opened; /* headline */
	const char *again; /* headline of what came back; NULL: it cannot */
	const char *resolved; /* headline; NULL: it cannot be */
	const char *meaning; /* sentence */
	const char *advice; /* sentence; NULL: nothing is to be done */
};

const struct vs_kind_words *vs_kind_words(enum vs_kind kind);
const char *vs_detail_label(const char *key); /* key itself, when nobody knows it */

#endif
