/* Randomness and identifiers made from it. */
#ifndef VS_BASE_ID_H
#define VS_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VS_ULID_TEXT 27

void vs_random(void *bytes, size_t len); /* getrandom(2); ends the process if there is none */
uint64_t vs_random_below(uint64_t limit); /* uniform; limit > 0 */
void vs_ulid(char text[VS_ULID_TEXT], int64_t wall_ms); /* 26 Crockford base-32 characters */
void vs_ulid_last(char text[VS_ULID_TEXT], int64_t wall_ms); /* none of that moment is greater */
bool vs_ulid_valid(const char *text);
/* Makes of text, a ULID or "", one that is greater, and of wall_ms unless that would go back. */
void vs_ulid_next(char text[VS_ULID_TEXT], int64_t wall_ms);
void vs_hex(char *text, const void *bytes, size_t len); /* 2 * len + 1 written */
int vs_hex_byte(const char text[2]); /* of two digits in any case; -1: they are none */

#endif
