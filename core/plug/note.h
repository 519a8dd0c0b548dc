/*
 * Who a plugin file says it is, read from its ELF note without loading it. Pure but for
 * reading the descriptor: no byte of the file is executed or mapped as code.
 */
#ifndef VS_PLUG_NOTE_H
#define VS_PLUG_NOTE_H

#include <stdint.h>

#include "base/err.h"
#include "vpn_sentinel/note.h"

struct vs_note {
	uint16_t abi_major;
	uint16_t abi_minor;
	uint32_t kind; /* VPNS_KIND_*, checked */
	char name[VPNS_NAME_SIZE];
	char version[VPNS_VERSION_SIZE];
};

/*
 * Reads the note of the file open at fd (borrowed, its offset is not kept). Refuses with a
 * sentence: not ELF, damaged, other machine, no shared object, no note, other magic.
 * The version of the ABI is left to vs_note_check.
 */
int vs_note_read(struct vs_note *note, int fd, struct vs_err *err);

/* The note against what was asked for: ABI, kind, name. A sentence for each difference. */
int vs_note_check(const struct vs_note *note, uint32_t kind, const char *name, struct vs_err *err);

/* The sentence about an ABI this host does not speak; 0 when it does. */
int vs_abi_check(uint32_t major, uint32_t minor, struct vs_err *err);

#endif
