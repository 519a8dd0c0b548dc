/* What users of this machine are called. [any] */
#ifndef VS_BASE_USER_H
#define VS_BASE_USER_H

#include <sys/types.h>

#define VS_USER_FILE "/etc/passwd"
#define VS_USER_NAME 72 /* bytes that are enough for any of these names */

/*
 * "root", the name that file (of the form of /etc/passwd) has for uid, or "uid:1000". It reads that file
 * alone and asks no directory service, which could take its time. A name that is not of letters, digits and
 * "._-" is none.
 */
void vs_user_name(char name[VS_USER_NAME], uid_t uid, const char *file);

#endif
