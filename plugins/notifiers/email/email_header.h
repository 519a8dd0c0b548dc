/*
 * Lines of a message's head. Whatever the texts are, a header stays one header: control characters become
 * blanks, bytes that are no UTF-8 question marks, and no line is longer than 78 characters. Pure, but for the
 * memory behind out.
 */
#ifndef EMAIL_HEADER_H
#define EMAIL_HEADER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "email_address.h"

/* "Name: text", in words of RFC 2047 unless it is short and plain. */
void email_header_text(FILE *out, const char *name, const char *text);

/* "Name: address". */
void email_header_address(FILE *out, const char *name, const struct email_address *address);

/* "Name: a@x, b@y", folded, without the addresses' names. */
void email_header_list(FILE *out, const char *name, const struct email_address *addresses, uint32_t count);

/* "Date: ...", in UTC. */
void email_header_date(FILE *out, int64_t wall_ms);

#endif
