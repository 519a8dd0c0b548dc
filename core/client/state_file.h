/*
 * The memory of the client's plugins (service state/1): one JSON file in the state
 * directory, written at most a second after a change. [loop]
 */
#ifndef VS_CLIENT_STATE_FILE_H
#define VS_CLIENT_STATE_FILE_H

struct vs_loop;
struct vs_state_backend;
struct vs_state_file;

/* A missing file is empty; a damaged one is set aside with a warning. path NULL: memory only. */
struct vs_state_file *vs_state_file_create(struct vs_loop *loop, const char *path);
void vs_state_file_destroy(struct vs_state_file *state); /* writes what is not written yet; NULL is fine */

struct vs_state_backend vs_state_file_backend(struct vs_state_file *state);

#endif
