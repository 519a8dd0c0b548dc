/* The two clocks: monotonic for deadlines, wall for records. [any thread] */
#ifndef VS_BASE_CLOCK_H
#define VS_BASE_CLOCK_H

#include <stdint.h>

uint64_t vs_mono_us(void); /* for measuring what is short; another beginning than vs_mono_ms() */
uint64_t vs_mono_ms(void); /* CLOCK_BOOTTIME where there is one: a suspended host does not hide lost time */
int64_t vs_wall_ms(void);

#endif
