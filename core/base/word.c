/* Words out of a known set: booleans, country codes, and the nearest name to a misspelt one. */
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define WORD_MAX 64 /* no name of ours is longer */

int vs_bool_parse(bool *value, struct vs_view text)
{
	static const struct {
		const char *name;
		bool value;
	} names[] = {
		{"true", true},
		{"false", false},
		{"yes", true},
		{"no", false},
		{"on", true},
		{"off", false},
		{"1", true},
		{"0", false},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (vs_view_equal_nocase(text, names[i].name)) {
			*value = names[i].value;
			return 0;
		}
	}
	return VS_ERR_INVALID;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

int vs_country_parse(char code[3], struct vs_view text)
{
	char letters[2];

	if (text.len != 2)
		return VS_ERR_INVALID;
	for (size_t i = 0; i < 2; i++) {
		letters[i] = upper(text.ptr[i]);
		if (letters[i] < 'A' || letters[i] > 'Z')
			return VS_ERR_INVALID;
	}
	code[0] = letters[0];
	code[1] = letters[1];
	code[2] = '\0';
	return 0;
}

static bool same(char a, char b)
{
	return upper(a == '-' ? '_' : a) == upper(b == '-' ? '_' : b);
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours that make b of a; both at most WORD_MAX. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1]; /* the row before the last one is for swaps */

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);

			row[j] = min(change, min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = min(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *vs_nearest(const char *text, const char *const *candidates, size_t count)
{
	size_t len = strlen(text);
	size_t best = len / 3 > 1 ? len / 3 : 1;
	const char *nearest = NULL;

	/* A single letter is one change away from every other. */
	if (len < 2)
		best = 0;
	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(candidates[i]);
		size_t apart;

		if (other > WORD_MAX)
			continue;
		apart = distance(text, len, candidates[i], other);
		if (apart < best || (apart == best && !nearest)) {
			best = apart;
			nearest = candidates[i];
		}
	}
	return nearest;
}
