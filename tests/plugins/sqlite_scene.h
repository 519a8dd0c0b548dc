/*
 * What the tests of store sqlite share: a folder of their own with a database in it, a look at that
 * database from outside, and other processes that use it. Those are this program again, with a word
 * as its first argument.
 */
#ifndef SQLITE_SCENE_H
#define SQLITE_SCENE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store_contract.h"

struct scene {
	struct vpnt *kit;
	char folder[64];
	char path[96]; /* of the database */
	const char *told[8]; /* the options */
};

/*
 * The beginning and the end of a test: *state is a scene, nothing is running. In memory where there is
 * such a place, so that a slow disk does not make a slow test.
 */
int scene_setup(void **state);
int scene_setup_in(void **state, const char *folder);
int scene_teardown(void **state);

/* The same, with SQLite's calls to the system led through the test. */
int calls_setup(void **state);
int calls_teardown(void **state);

/* The folder of a disk that a test may mount; the end of the test unmounts it. */
const char *scene_disk(const struct scene *scene);

void scene_start(struct scene *scene);
const char *scene_refused(struct scene *scene); /* the sentence */
void scene_restart(struct scene *scene);

/* Commits one record; the status. */
uint32_t scene_put(struct scene *scene, const char *key, const char *value);
void scene_must_put(struct scene *scene, const char *key, const char *value);
/* SCENE_RECORDS records of table 2: a backup of so many comes in more than two parts. */
#define SCENE_RECORDS 1500
void scene_fill(struct scene *scene);

/* A name in the folder: the database's, and suffix. Lives until the next call. */
const char *scene_name(const struct scene *scene, const char *suffix);

/* How many names in the folder contain part; the last of them goes to name, which may be NULL. */
int scene_count(const struct scene *scene, const char *part, char name[256]);

/* Modes mean nothing to root: be somebody whom the folder belongs to, and back. */
void become_ordinary(struct scene *scene);
void become_oneself(void);

/* Runs sql from outside while no instance runs; the first column of the first row as text. Free it. */
char *sql(const char *path, const char *text);
void must_be_sound(const char *path);

int file_mode(const char *path); /* its permissions */
/* Whole files. */
unsigned char *file_read(const char *path, size_t *len); /* free it */
void file_write(const char *path, const void *bytes, size_t len);
void file_copy(const char *from, const char *to);
void must_be_same(const char *path, const unsigned char *bytes, size_t len);

/* Another process: scene_child(word, argument). Its standard output is *out, its input *in. */
pid_t scene_child(const char *word, const char *argument, int *in, int *out);
int scene_child_end(pid_t pid, int in, int out); /* closes both and waits; its status */

/* What the others do; 0: no such word. */
int scene_be_child(int argc, char **argv);

#define SQLITE_BACKUP_TESTS(X)                                                                               \
	X(a_backup_is_a_whole_database_of_its_own)                                                           \
	X(a_large_backup_is_made_in_parts_and_is_of_the_moment_of_the_first)                                 \
	X(a_backup_that_is_left_off_leaves_nothing_behind)                                                   \
	X(a_backup_never_replaces_a_file)

#define SQLITE_DAMAGE_TESTS(X)                                                                               \
	X(garbage_is_set_aside_and_a_new_database_begun)                                                     \
	X(a_file_that_nothing_shows_to_be_ours_is_left_alone)                                                \
	X(what_stands_beside_a_file_does_not_make_it_ours)                                                   \
	X(a_log_with_our_mark_makes_a_file_ours)                                                             \
	X(a_database_that_is_gone_is_missed)                                                                 \
	X(an_interrupted_restore_ends_the_start)                                                             \
	X(a_truncated_database_is_set_aside)                                                                 \
	X(a_broken_page_is_found_at_the_start)                                                               \
	X(no_flipped_byte_stops_the_start_or_loses_the_file)                                                 \
	X(a_log_without_its_file_is_set_aside)                                                               \
	X(an_empty_file_is_begun_anew_and_said)                                                              \
	X(two_damaged_files_of_one_second_are_both_kept)                                                     \
	X(damage_noticed_while_running_ends_all_writing_until_the_next_start)                                \
	X(a_large_database_is_checked_quickly)                                                               \
	X(a_very_large_database_is_checked_after_damage_was_noticed)                                         \
	X(what_cannot_be_set_aside_is_left_where_it_is)                                                      \
	X(a_database_that_only_seemed_damaged_is_used_again)

#define SQLITE_TROUBLE_TESTS(X)                                                                              \
	X(a_database_locked_by_another_process_is_retried)                                                   \
	X(a_log_that_was_removed_is_missed_and_nothing_is_lost)                                              \
	X(a_log_that_was_replaced_is_not_written_to)                                                         \
	X(a_lock_that_was_removed_is_taken_again)                                                            \
	X(a_server_that_came_in_without_a_lock_ends_all_writing)                                             \
	X(a_full_disk_is_retried_and_leaves_nothing_behind)                                                  \
	X(a_limit_on_the_size_of_files_is_retried)                                                           \
	X(a_folder_that_cannot_be_written_is_said_and_heals)                                                 \
	X(a_file_that_cannot_be_written_is_said_and_heals)                                                   \
	X(a_file_that_was_moved_is_noticed_and_works_when_it_is_back)                                        \
	X(a_file_that_was_replaced_is_not_written_to)

#define SQLITE_COPY_TESTS(X)                                                                                 \
	X(a_log_that_is_removed_while_a_backup_is_made_costs_the_backup_alone)                               \
	X(a_backup_itself_notices_that_the_log_was_removed)                                                  \
	X(a_log_that_is_removed_while_another_process_reads_is_put_back_whole)                               \
	X(a_backup_that_failed_is_not_gone_on_with)                                                          \
	X(a_backup_of_a_database_that_turns_out_to_be_damaged_is_dropped)

#define SQLITE_CALLS_TESTS(X)                                                                                \
	X(every_failing_call_of_a_commit_is_survived)                                                        \
	X(every_call_that_fails_from_now_on_is_survived)                                                     \
	X(full_waits_for_the_disk_and_normal_does_not)                                                       \
	X(a_connection_that_stays_broken_is_replaced)                                                        \
	X(no_failing_call_at_the_start_is_taken_for_damage)                                                  \
	X(a_failing_backup_leaves_no_file)

#define SQLITE_DECLARE(name) void name(void **state);
SQLITE_BACKUP_TESTS(SQLITE_DECLARE)
SQLITE_DAMAGE_TESTS(SQLITE_DECLARE)
SQLITE_TROUBLE_TESTS(SQLITE_DECLARE)
SQLITE_COPY_TESTS(SQLITE_DECLARE)
SQLITE_CALLS_TESTS(SQLITE_DECLARE)
#undef SQLITE_DECLARE

#endif
