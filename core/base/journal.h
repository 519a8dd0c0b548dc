/* Whether a descriptor leads to the journal of systemd, which takes a priority in front of each line. */
#ifndef VS_BASE_JOURNAL_H
#define VS_BASE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: there is no journal. */
struct vs_journal {
	bool known;
	uint64_t device;
	uint64_t inode;
};

/* stream is what systemd put into JOURNAL_STREAM: "device:inode". NULL, or anything else: there is none. */
struct vs_journal vs_journal_of(const char *stream);
/* The variable is inherited by processes whose output goes elsewhere, so the descriptor itself is looked at.
 */
bool vs_journal_is(const struct vs_journal *journal, int fd);

#endif
