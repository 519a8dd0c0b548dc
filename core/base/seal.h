/* Keys are in the memory of a role: nobody gets it as a file. */
#ifndef VS_BASE_SEAL_H
#define VS_BASE_SEAL_H

/*
 * No core file of this process from now on, and no tracing by others of the same user. In a build with
 * fault points (Debug) it does nothing: there somebody wants to look. Before there are other threads.
 */
#ifdef VS_FAULTS
#define VS_SEAL() ((void)0)
#else
#define VS_SEAL() vs_seal()
#endif

void vs_seal(void); /* write VS_SEAL() instead */

#endif
