/*
 * The container whose network this process shares, seen from inside: an engine that starts a container writes
 * the file with its host name anew, and who shares its network has the same file mounted. An engine starts
 * nobody in the network of a container that does not run, and does not try again: who wants to be started
 * there has to end after it was.
 */
#ifndef VS_CLIENT_OWNER_H
#define VS_CLIENT_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#define VS_OWNER_FILE "/etc/hostname"
/* Podman puts this into each container, and gives each a host name file of its own: see podman-run(1). */
#define VS_OWNER_UNSHARED "/run/.containerenv"

/* Caller's storage; nothing to end. */
struct vs_owner {
	const char *file; /* borrowed */
	bool mounted; /* into this process's files: there is an engine */
	int64_t written_ns; /* when, at the beginning */
};

/* Where a file called unshared exists the host name's tells nothing: as without an engine. */
void vs_owner_init(struct vs_owner *owner, const char *file, const char *unshared);

/* There is an engine, and it has written the file since vs_owner_init(). */
bool vs_owner_is_back(const struct vs_owner *owner);

/* False while there is an engine and it has not written the file since vs_owner_init(). */
bool vs_owner_may_be_back(const struct vs_owner *owner);

#endif
