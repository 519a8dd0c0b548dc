/* Files in the plugin folders, looked at before any of them is loaded. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "plug/name.h"
#include "plug/note.h"

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	int fd = memfd_create("plugin", MFD_CLOEXEC);
	struct vs_err err = {0};
	struct vs_note note;

	VS_REQUIRE(fd >= 0 && write(fd, input.ptr, input.len) == (ssize_t)input.len);
	memset(&note, 0xee, sizeof(note));
	if (vs_note_read(&note, fd, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
	} else {
		VS_REQUIRE(memchr(note.name, '\0', sizeof(note.name)) != NULL && vs_name_is_valid(note.name));
		VS_REQUIRE(memchr(note.version, '\0', sizeof(note.version)) != NULL);
		if (vs_note_check(&note, VPNS_KIND_PROBE, "sky", &err) < 0)
			fuzz_require_sentence(err.text, sizeof(err.text));
	}
	close(fd);
}
