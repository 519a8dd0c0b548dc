#include "base/user.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 4096

static bool is_plain(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len > 0 && len < VS_USER_NAME && strspn(name, plain) == len;
}

static bool find(char name[VS_USER_NAME], uid_t uid, FILE *users)
{
	char line[LINE_MAX_LEN];
	struct passwd entry;
	struct passwd *found;

	while (fgetpwent_r(users, &entry, line, sizeof(line), &found) == 0) {
		if (entry.pw_uid != uid || !is_plain(entry.pw_name))
			continue;
		strcpy(name, entry.pw_name); /* it is shorter */
		return true;
	}
	return false;
}

void vs_user_name(char name[VS_USER_NAME], uid_t uid, const char *file)
{
	FILE *users = uid != 0 ? fopen(file, "re") : NULL;
	bool found = users != NULL && find(name, uid, users);

	if (users != NULL)
		fclose(users);
	if (uid == 0)
		strcpy(name, "root");
	else if (!found)
		snprintf(name, VS_USER_NAME, "uid:%lu", (unsigned long)uid);
}
