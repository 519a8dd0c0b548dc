/* The kinds of plugins and where their files lie; their words are config's vs_kind_text(). */
#ifndef VS_PLUG_KIND_H
#define VS_PLUG_KIND_H

#include <stdint.h>

#define VS_KIND_COUNT 4 /* codes (VPNS_KIND_*) run from 1 to this */

const char *vs_kind_folder(uint32_t kind); /* "probes"; "?" for a code that is none */
uint32_t vs_kind_of_word(const char *word); /* "probe"; 0 when it is none */

#endif
