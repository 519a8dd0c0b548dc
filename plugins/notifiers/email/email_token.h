/* An access token that another program keeps fresh in a file. Blocks: for a thread of work/1. */
#ifndef EMAIL_TOKEN_H
#define EMAIL_TOKEN_H

#include <stddef.h>

/*
 * The first word of the file into out, which is "" when there is none that fits. 0, or -1 with a sentence in
 * error, which names the file.
 */
int email_token_read(char *out, size_t size, const char *path, char *error, size_t error_size);

#endif
