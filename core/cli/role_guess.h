/* Whose configuration a file is: for commands that serve both roles. */
#ifndef VS_CLI_ROLE_GUESS_H
#define VS_CLI_ROLE_GUESS_H

/* "server" or "client": by the sections of the file; if they do not tell, by its name; else "server". */
const char *vs_role_guess(const char *path);

#endif
