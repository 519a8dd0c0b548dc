/* Countries by ISO 3166-1: two-letter codes, and the names that services tell instead of them. */
#ifndef VS_MODEL_COUNTRY_H
#define VS_MODEL_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"

/*
 * The code of a country that was told as a code or a name, in any case: two and three letters, the
 * common, the short and the official English name, and variants that services use ("South Korea",
 * "UK", "Russia"). False and "" when there is none.
 */
bool vs_country_find(char code[3], struct vs_view text);

/* Whether it is the code of a country, in capitals. */
bool vs_country_is_code(struct vs_view code);

/* Its common English name; "" for what is no code. */
const char *vs_country_name(struct vs_view code);

size_t vs_country_count(void);
const char *vs_country_code(size_t index); /* in alphabetical order; "" beyond the last */

#endif
