#include "base/journal.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "base/view.h"

static bool read_number(uint64_t *number, struct vs_view text)
{
	int64_t value;

	if (vs_int_parse(&value, text) < 0 || value < 0)
		return false;
	*number = (uint64_t)value;
	return true;
}

struct vs_journal vs_journal_of(const char *stream)
{
	const char *colon = stream != NULL ? strchr(stream, ':') : NULL;
	struct vs_journal journal = {0};

	if (colon != NULL)
		journal.known =
			read_number(&journal.device, (struct vs_view){stream, (size_t)(colon - stream)}) &&
			read_number(&journal.inode, vs_view_of(colon + 1));
	return journal;
}

bool vs_journal_is(const struct vs_journal *journal, int fd)
{
	struct stat status;

	return journal->known && fstat(fd, &status) == 0 && (uint64_t)status.st_dev == journal->device &&
	       (uint64_t)status.st_ino == journal->inode;
}
