#include "bearer_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The length of the name in "name=key", 0 when entry is a bare key. Base64 ends in "=", so a
 * name counts only when something else than "=" follows it.
 */
static size_t name_len(const char *entry, size_t len)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t name = 0;
	size_t i;

	while (name < len && entry[name] != '\0' && strchr(known, entry[name]) != NULL)
		name++;
	if (name == 0 || name >= BEARER_NAME_SIZE || name == len || entry[name] != '=')
		return 0;
	for (i = name; i < len; i++) {
		if (entry[i] != '=')
			return name;
	}
	return 0;
}

/* -1: no memory. */
static int prepare(struct bearer_keys *keys)
{
	if (keys->sha256 == NULL)
		keys->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (keys->hashing == NULL)
		keys->hashing = EVP_MD_CTX_new();
	return keys->sha256 != NULL && keys->hashing != NULL ? 0 : -1;
}

static int digest_of(const struct bearer_keys *keys, const char *key, size_t len, unsigned char digest[32])
{
	if (EVP_DigestInit_ex2(keys->hashing, keys->sha256, NULL) == 1 &&
		EVP_DigestUpdate(keys->hashing, key, len) == 1 &&
		EVP_DigestFinal_ex(keys->hashing, digest, NULL) == 1)
		return 0;
	return -1;
}

static int same_digest_known(const struct bearer_keys *keys, const unsigned char *digest)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (memcmp(keys->rows[i].digest, digest, sizeof(keys->rows[i].digest)) == 0)
			return 1;
	}
	return 0;
}

/* The same wherever the key stands, so that a key that comes or goes renames no other one. */
static void make_name(struct bearer_key *row)
{
	snprintf(row->principal, sizeof(row->principal), "key-%02x%02x%02x%02x", row->digest[0],
		row->digest[1], row->digest[2], row->digest[3]);
}

static int make_room(struct bearer_keys *keys)
{
	struct bearer_key *rows;
	size_t room;

	if (keys->count < keys->room)
		return 0;
	room = keys->room == 0 ? 8 : keys->room * 2;
	rows = realloc(keys->rows, room * sizeof(*rows));
	if (rows == NULL)
		return -1;
	keys->rows = rows;
	keys->room = room;
	return 0;
}

const char *bearer_keys_add(struct bearer_keys *keys, const char *entry, size_t len)
{
	size_t name = name_len(entry, len);
	const char *key = name > 0 ? entry + name + 1 : entry;
	size_t key_len = name > 0 ? len - name - 1 : len;
	struct bearer_key row;
	size_t i;

	if (key_len == 0)
		return "is empty";
	for (i = 0; i < key_len; i++) {
		if ((unsigned char)key[i] <= ' ' || key[i] == 0x7f)
			return "holds a blank or a control character";
	}
	memset(&row, 0, sizeof(row));
	if (prepare(keys) < 0 || digest_of(keys, key, key_len, row.digest) < 0)
		return "cannot be hashed: out of memory";
	if (same_digest_known(keys, row.digest))
		return NULL;
	if (keys->count >= BEARER_KEYS_MAX)
		return "is one too many: 10000 keys are the limit";
	if (make_room(keys) < 0)
		return "does not fit: out of memory";
	if (name > 0)
		memcpy(row.principal, entry, name);
	else
		make_name(&row);
	keys->weak += key_len < BEARER_SHORT;
	keys->rows[keys->count++] = row;
	return NULL;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

const char *bearer_keys_add_lines(struct bearer_keys *keys, const char *text, size_t len, size_t *line)
{
	const char *end = text + len;
	const char *fault = NULL;
	const char *next;
	const char *stop;

	for (*line = 1; text < end && fault == NULL; text = next, ++*line) {
		stop = memchr(text, '\n', (size_t)(end - text));
		next = stop != NULL ? stop + 1 : end;
		if (stop == NULL)
			stop = end;
		while (stop > text && is_blank(stop[-1]))
			stop--;
		while (text < stop && is_blank(*text))
			text++;
		if (text < stop && *text != '#')
			fault = bearer_keys_add(keys, text, (size_t)(stop - text));
	}
	--*line;
	return fault;
}

const struct bearer_key *bearer_keys_find(const struct bearer_keys *keys, const char *key, size_t len)
{
	const struct bearer_key *found = NULL;
	unsigned char digest[32];
	size_t i;

	if (keys->count == 0 || digest_of(keys, key, len, digest) < 0)
		return NULL;
	for (i = 0; i < keys->count; i++) {
		if (CRYPTO_memcmp(keys->rows[i].digest, digest, sizeof(digest)) == 0)
			found = &keys->rows[i];
	}
	return found;
}

void bearer_keys_fini(struct bearer_keys *keys)
{
	free(keys->rows);
	EVP_MD_CTX_free(keys->hashing);
	EVP_MD_free(keys->sha256);
	memset(keys, 0, sizeof(*keys));
}
