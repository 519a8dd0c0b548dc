/* Texts for services that deliver messages: cut at a whole character, escaped, cleaned. Pure. */
#ifndef POST_TEXT_H
#define POST_TEXT_H

#include <stddef.h>

/* Bytes of the character at text, of which left are there; 0 when it is none. */
size_t post_char_len(const char *text, size_t left);

/* In what a service counts the length of a text. */
enum post_unit { POST_BYTES, POST_UTF16, POST_CHARS };

#define POST_PIECE_SIZE 16

/*
 * Writes what stands for the character of len bytes at text into piece, and returns its length; 0: the
 * character itself.
 */
typedef size_t post_escape(char piece[POST_PIECE_SIZE], const char *text, size_t len);

/*
 * text of len bytes, escaped (NULL: as it is), at most max units long (0: any), cut between two pieces and
 * then ending in an ellipsis. What is no UTF-8 becomes U+FFFD. To be freed with free(); NULL when memory is
 * short.
 */
char *post_text(const char *text, size_t len, post_escape *escape, enum post_unit unit, size_t max);

/* A text of several lines as a title and the rest, without the empty lines between them. Views into text. */
struct post_parts {
	const char *title;
	size_t title_len;
	const char *rest; /* "" when there is but one line */
	size_t rest_len;
};

struct post_parts post_split(const char *text);

/*
 * What a service says, for a sentence to people: UTF-8 without control characters, cut at a whole character
 * to fit size.
 */
void post_words(char *out, size_t size, const char *text, size_t len);

/* Each occurrence of secret (NULL or "": none) becomes one asterisk; so does the beginning of one at text's
 * end. */
void post_mask(char *text, const char *secret);

/* 1 when text can be the value of a header: printable ASCII, not empty. */
int post_header_ok(const char *text);

/* text with what means something in a URL as %XX. To be freed with free(); NULL when memory is short. */
char *post_percent(const char *text);

/* The length of url without slashes at its end. */
size_t post_base_len(const char *url);

#endif
