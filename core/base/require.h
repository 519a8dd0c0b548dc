/* Assertions about our own bookkeeping. They are never compiled out. */
#ifndef VS_BASE_REQUIRE_H
#define VS_BASE_REQUIRE_H

#define VS_REQUIRE(condition) ((condition) ? (void)0 : vs_require_failed(#condition, __FILE__, __LINE__))

_Noreturn void vs_require_failed(const char *condition, const char *file, int line);

#endif
