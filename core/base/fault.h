/*
 * Fault points: named steps at which a debug build can be told to die, as kill -9 would have it,
 * so that tests can prove what a restart makes of it. Elsewhere VS_FAULT compiles to nothing.
 * [any thread]
 */
#ifndef VS_BASE_FAULT_H
#define VS_BASE_FAULT_H

#include "base/err.h"

#ifdef VS_FAULTS
#define VS_FAULT(name) vs_fault_pass(name)
#else
#define VS_FAULT(name) ((void)0)
#endif

/*
 * "name" or "name:3": the third time that this point is passed, by whichever thread, the process
 * kills itself. VS_ERR_INVALID when text is nothing of the kind, VS_ERR_REFUSED in a build
 * without fault points. Once, before other threads run.
 */
int vs_fault_arm(const char *text, struct vs_err *err);

void vs_fault_pass(const char *name); /* write VS_FAULT(name) instead */

#endif
