/* The days of the week as silences name them. For the files of mute.h only. */
#ifndef VS_MODEL_MUTE_DAYS_H
#define VS_MODEL_MUTE_DAYS_H

#include <stdint.h>

#include "base/view.h"

const char *vs_mute_day_name(unsigned day); /* 0: "mon" */
int vs_mute_day_parse(uint8_t *day, struct vs_view name); /* 0 or VS_ERR_INVALID */

#endif
