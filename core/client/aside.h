/* Files of the state directory that cannot be read as what they should be. */
#ifndef VS_CLIENT_ASIDE_H
#define VS_CLIENT_ASIDE_H

/*
 * Renames path to "<path>.corrupt", replacing an older one, and warns with why: whoever
 * wants to know can look, and the program goes on without it.
 */
void vs_set_aside(const char *path, const char *why);

#endif
