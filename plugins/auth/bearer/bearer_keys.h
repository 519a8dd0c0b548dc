/*
 * The set of API keys. Only their SHA-256 digests are kept, and finding one takes the same
 * time whichever it is and whether it is there.
 */
#ifndef BEARER_KEYS_H
#define BEARER_KEYS_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#define BEARER_NAME_SIZE 65
#define BEARER_KEYS_MAX 10000
#define BEARER_SHORT 16 /* keys of fewer characters can be guessed */

struct bearer_key {
	unsigned char digest[32];
	char principal[BEARER_NAME_SIZE];
};

struct bearer_keys {
	struct bearer_key *rows;
	size_t count;
	size_t room;
	size_t weak; /* how many keys are shorter than BEARER_SHORT */
	EVP_MD *sha256; /* looked up once: that takes as long as hashing a key */
	EVP_MD_CTX *hashing;
};

/*
 * Adds one entry, "key" or "name=key"; a key without a name is called by its digest. Returns NULL, or a
 * sentence about it that does not show it. A key that is already there keeps its first name.
 */
const char *bearer_keys_add(struct bearer_keys *keys, const char *entry, size_t len);

/*
 * Adds every line of text; blank lines and those that begin with # do not count. Returns NULL,
 * or the sentence about the first bad line, whose number goes to *line.
 */
const char *bearer_keys_add_lines(struct bearer_keys *keys, const char *text, size_t len, size_t *line);

/* The row of a presented key, or NULL. */
const struct bearer_key *bearer_keys_find(const struct bearer_keys *keys, const char *key, size_t len);

void bearer_keys_fini(struct bearer_keys *keys); /* all zero is fine, twice too */

#endif
