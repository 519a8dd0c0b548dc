/* Memory. Nothing here returns NULL: out of memory ends the process in alloc.c. */
#ifndef VS_BASE_ALLOC_H
#define VS_BASE_ALLOC_H

#include <stddef.h>

void *vs_alloc(size_t size); /* uninitialised */
void *vs_zalloc(size_t size); /* zeroed */
void *vs_calloc(size_t count, size_t size); /* zeroed, overflow ends the process */
void *vs_realloc(void *ptr, size_t size);
char *vs_strdup(const char *text);
char *vs_strdup_or_null(const char *text); /* NULL stays NULL */
char *vs_strndup(const char *text, size_t len);
void vs_free(void *ptr); /* NULL is fine */

#endif
