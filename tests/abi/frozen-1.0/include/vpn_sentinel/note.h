/*
 * The ELF note ".note.vpns": who a plugin file is, readable without loading it, so that
 * listing a directory runs no foreign code. The plugin macros write it.
 */
#ifndef VPN_SENTINEL_NOTE_H
#define VPN_SENTINEL_NOTE_H

#include "vpn_sentinel/abi.h"

#define VPNS_NOTE_SECTION ".note.vpns"
#define VPNS_NOTE_OWNER "VPNS" /* the note's name, padded to 8 bytes */
#define VPNS_NOTE_TYPE 1

#define VPNS_NAME_SIZE 33    /* 32 characters and a NUL */
#define VPNS_VERSION_SIZE 27 /* 26 characters and a NUL */

struct vpns_note_desc {
	uint32_t magic;
	uint16_t abi_major;
	uint16_t abi_minor;
	uint32_t kind;
	char name[VPNS_NAME_SIZE];
	char version[VPNS_VERSION_SIZE];
};

struct vpns_note {
	uint32_t owner_size;
	uint32_t desc_size;
	uint32_t type;
	char owner[8];
	struct vpns_note_desc desc;
};

#define VPNS_NOTE_(kind, name, version)                                                          \
	static const struct vpns_note vpns_note_                                                 \
		__attribute__((section(VPNS_NOTE_SECTION), used, aligned(4))) = {                \
			5, (uint32_t)sizeof(struct vpns_note_desc), VPNS_NOTE_TYPE,              \
			VPNS_NOTE_OWNER,                                                         \
			{ VPNS_MAGIC, VPNS_ABI_MAJOR, VPNS_TARGET_MINOR, kind, name, version } }

#endif
