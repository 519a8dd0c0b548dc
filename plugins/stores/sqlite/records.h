/* What a store does with an open database: batches in, ranges out. */
#ifndef SQLITE_RECORDS_H
#define SQLITE_RECORDS_H

#include "database.h"

/* 0, or -1 with fault; then nothing of the batch has happened. */
int records_write(struct database *base, const void *batch, struct fault *fault);

/* 0 also when each() had enough; -1 with fault, not stuck when records had been given already. */
int records_scan(struct database *base, const void *scan, struct fault *fault);

#endif
