/*
 * One server a file. SQLite's own locks are for moments, and two servers taking turns would each
 * believe what they read an hour ago. So whoever uses FILE holds FILE.lock (flock) until the end; it
 * goes with the process, however that ends. Readers such as the sqlite3 tool are not kept out.
 */
#ifndef SQLITE_LOCK_H
#define SQLITE_LOCK_H

#include "fault.h"

struct lock {
	int fd; /* -1: none */
	int damaged; /* 1: the last user of the file ended with lock_mark_damaged() */
};

int lock_take(struct lock *lock, const char *path, struct fault *fault); /* 0, or -1 with fault */

/*
 * 0 while the lock is held and others can see that; 1 when its file was removed, and made and locked anew. -1
 * with fault when that cannot be, for instance since another server came in.
 */
int lock_hold(struct lock *lock, const char *path, struct fault *fault);

/* Leaves word for the next one who takes the lock, or takes such word back. */
void lock_mark_damaged(struct lock *lock);
void lock_mark_sound(struct lock *lock);

/* 1: the file reads as one that was in use. */
int lock_is_ours(int fd);

void lock_give(struct lock *lock); /* twice is fine */

#endif
