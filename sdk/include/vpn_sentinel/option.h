/*
 * Options: what an instance of a plugin can be told in the configuration file. The host
 * parses, checks and writes each value into the plugin's own struct before create().
 *
 *	struct config { const char *url; int64_t timeout_ms; };
 *	static const struct vpns_option options[] = {
 *		{ "url", VPNS_URL(struct config, url), 0, "https://ipinfo.io/json", 0, 0, 0, NULL, "where to ask" },
 *	};
 *
 * The field macros compile only when the field has the type of the option.
 */
#ifndef VPN_SENTINEL_OPTION_H
#define VPN_SENTINEL_OPTION_H

#include <stddef.h>
#include <stdint.h>

#define VPNS_OPTION_REQUIRED (UINT32_C(1) << 0)
#define VPNS_OPTION_SECRET (UINT32_C(1) << 1) /* never shown, masked in the log; of a PATH: each line of the file */
#define VPNS_OPTION_LIVE (UINT32_C(1) << 2)   /* may change through reconfigure() */

/* Several texts. items and each item live as long as the config they stand in. */
struct vpns_list {
	const char *const *items;
	uint32_t count;
	uint32_t reserved;
};

/*          code  field type          what is written there */
#define VPNS_OPTION_TEXT UINT32_C(1)     /* const char *      NULL when unset */
#define VPNS_OPTION_INT UINT32_C(2)      /* int64_t */
#define VPNS_OPTION_REAL UINT32_C(3)     /* double */
#define VPNS_OPTION_BOOL UINT32_C(4)     /* uint8_t           0 or 1 */
#define VPNS_OPTION_DURATION UINT32_C(5) /* int64_t           milliseconds */
#define VPNS_OPTION_SIZE UINT32_C(6)     /* int64_t           bytes */
#define VPNS_OPTION_URL UINT32_C(7)      /* const char *      http or https; NULL when unset */
#define VPNS_OPTION_LIST UINT32_C(8)     /* struct vpns_list  empty when unset */
#define VPNS_OPTION_CHOICE UINT32_C(9)   /* uint32_t          index into choices */
#define VPNS_OPTION_PATH UINT32_C(10)    /* const char *      a file; relative to the configuration file */

struct vpns_option {
	const char *name; /* [a-z][a-z0-9_]* */
	uint32_t type;
	uint32_t offset;
	uint32_t flags;
	const char *def;     /* default as it would stand in the file; NULL: unset */
	int64_t min;         /* of INT, DURATION, SIZE, REAL, and items of a LIST; both 0: any */
	int64_t max;
	int64_t unit_ms;     /* DURATION: what a bare number counts; 0 refuses bare numbers */
	const char *choices; /* CHOICE: "human|json" */
	const char *help;    /* one line, no full stop */
};

#ifdef __cplusplus
#include <type_traits>
template <typename Field, typename Declared> constexpr uint32_t vpns_field_(uint32_t offset)
{
	static_assert(std::is_same<Field, Declared>::value, "the field does not have the type of this option");
	return offset;
}
#define VPNS_FIELD_(strukt, field, type)                                       \
	vpns_field_<decltype(((strukt *)nullptr)->field), type>((uint32_t)offsetof(strukt, field))
#else
#define VPNS_FIELD_(strukt, field, type)                                       \
	((uint32_t)(offsetof(strukt, field) + 0 * sizeof(_Generic(((strukt *)0)->field, type: 0))))
#endif

typedef const char *vpns_text_;
#define VPNS_TEXT(strukt, field) VPNS_OPTION_TEXT, VPNS_FIELD_(strukt, field, vpns_text_)
#define VPNS_INT(strukt, field) VPNS_OPTION_INT, VPNS_FIELD_(strukt, field, int64_t)
#define VPNS_REAL(strukt, field) VPNS_OPTION_REAL, VPNS_FIELD_(strukt, field, double)
#define VPNS_BOOL(strukt, field) VPNS_OPTION_BOOL, VPNS_FIELD_(strukt, field, uint8_t)
#define VPNS_DURATION(strukt, field) VPNS_OPTION_DURATION, VPNS_FIELD_(strukt, field, int64_t)
#define VPNS_SIZE(strukt, field) VPNS_OPTION_SIZE, VPNS_FIELD_(strukt, field, int64_t)
#define VPNS_URL(strukt, field) VPNS_OPTION_URL, VPNS_FIELD_(strukt, field, vpns_text_)
#define VPNS_LIST(strukt, field) VPNS_OPTION_LIST, VPNS_FIELD_(strukt, field, struct vpns_list)
#define VPNS_CHOICE(strukt, field) VPNS_OPTION_CHOICE, VPNS_FIELD_(strukt, field, uint32_t)
#define VPNS_PATH(strukt, field) VPNS_OPTION_PATH, VPNS_FIELD_(strukt, field, vpns_text_)

#endif
