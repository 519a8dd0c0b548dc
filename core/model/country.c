#include "model/country.h"

#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 64 /* the longest name that is looked for has fewer letters */

struct country_row {
	const char *code;
	const char *name;
};

struct country_key {
	const char *key;
	const char *code;
};

#include "model/country_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Latin-1 letters with marks, U+00C0 to U+00FF: the letter without; 0 for what is none. */
static const char plain[] = "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y";

/* The letter that a character stands for, 0: none. Moves at behind the character. */
static char next_letter(const char **at, const char *end)
{
	unsigned char c = (unsigned char)*(*at)++;

	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if (c >= 'a' && c <= 'z')
		return (char)c;
	if (c == 0xc3 && *at < end && ((unsigned char)**at & 0xc0) == 0x80)
		return plain[(unsigned char)*(*at)++ & 0x3f];
	return 0;
}

static bool append(char key[KEY_SIZE], size_t *len, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		if (*len == KEY_SIZE - 1)
			return false;
		key[(*len)++] = *letters;
	}
	return true;
}

/* Letters alone, without a leading "the". False: longer than any name. */
static bool make_key(char key[KEY_SIZE], struct vs_view text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	size_t len = 0;

	if (text.len > 4 && vs_view_equal_nocase((struct vs_view){text.ptr, 4}, "the "))
		at += 4;
	while (at < end) {
		char letter;

		if (*at == '&') {
			at++;
			if (!append(key, &len, "and"))
				return false;
			continue;
		}
		letter = next_letter(&at, end);
		if (letter != 0 && !append(key, &len, (char[]){letter, '\0'}))
			return false;
	}
	key[len] = '\0';
	return len > 0;
}

static int compare_key(const void *key, const void *row)
{
	return strcmp(key, ((const struct country_key *)row)->key);
}

static int compare_code(const void *code, const void *row)
{
	return strcmp(code, ((const struct country_row *)row)->code);
}

static const struct country_row *row_of(const char code[3])
{
	return bsearch(code, country_rows, COUNT(country_rows), sizeof(country_rows[0]), compare_code);
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool vs_country_find(char code[3], struct vs_view text)
{
	const struct country_key *found;
	char key[KEY_SIZE];

	if (text.len == 2) {
		char given[3] = {upper(text.ptr[0]), upper(text.ptr[1]), '\0'};

		if (row_of(given) != NULL) {
			memcpy(code, given, 3);
			return true;
		}
	}
	code[0] = '\0';
	if (!make_key(key, text))
		return false;
	found = bsearch(key, country_keys, COUNT(country_keys), sizeof(country_keys[0]), compare_key);
	if (found == NULL)
		return false;
	memcpy(code, found->code, 3);
	return true;
}

bool vs_country_is_code(struct vs_view code)
{
	return *vs_country_name(code) != '\0';
}

const char *vs_country_name(struct vs_view code)
{
	const struct country_row *row;
	char text[3];

	if (code.len != 2)
		return "";
	memcpy(text, code.ptr, 2);
	text[2] = '\0';
	row = row_of(text);
	return row == NULL ? "" : row->name;
}

size_t vs_country_count(void)
{
	return COUNT(country_rows);
}

const char *vs_country_code(size_t index)
{
	return index < COUNT(country_rows) ? country_rows[index].code : "";
}
