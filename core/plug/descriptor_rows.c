#include "plug/descriptor_rows.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "plug/name.h"

#define OPTIONS_MAX 128
#define FACTS_MAX 64
#define CONFIG_MAX 65536
#define OPTION_SIZE_1_0 (offsetof(struct vpns_option, help) + sizeof(char *))
#define FACT_SIZE_1_0 (offsetof(struct vpns_fact_decl, help) + sizeof(char *))

/* Bytes and alignment of the field of an option, by its type; 0 for a type that is none. */
static const struct {
	uint32_t size;
	uint32_t align;
} fields[] = {
	[VPNS_OPTION_TEXT] = {sizeof(char *), _Alignof(char *)},
	[VPNS_OPTION_INT] = {sizeof(int64_t), _Alignof(int64_t)},
	[VPNS_OPTION_REAL] = {sizeof(double), _Alignof(double)},
	[VPNS_OPTION_BOOL] = {sizeof(uint8_t), _Alignof(uint8_t)},
	[VPNS_OPTION_DURATION] = {sizeof(int64_t), _Alignof(int64_t)},
	[VPNS_OPTION_SIZE] = {sizeof(int64_t), _Alignof(int64_t)},
	[VPNS_OPTION_URL] = {sizeof(char *), _Alignof(char *)},
	[VPNS_OPTION_LIST] = {sizeof(struct vpns_list), _Alignof(struct vpns_list)},
	[VPNS_OPTION_CHOICE] = {sizeof(uint32_t), _Alignof(uint32_t)},
	[VPNS_OPTION_PATH] = {sizeof(char *), _Alignof(char *)},
};

#define FIELD_TYPES (sizeof(fields) / sizeof(fields[0]))

/* Copies rows of another stride into rows of ours; what a shorter stride lacks stays zero. */
static void *copy_rows(const void *rows, uint32_t count, uint32_t stride, size_t ours)
{
	char *copy = vs_calloc(count ? count : 1, ours);
	uint32_t i;

	for (i = 0; i < count; i++)
		memcpy(copy + i * ours, (const char *)rows + (size_t)i * stride,
			stride < ours ? stride : ours);
	return copy;
}

static int check_table(const char *what, const void *rows, uint32_t count, uint32_t stride, uint32_t most,
	size_t stride_1_0, struct vs_err *err)
{
	if (count > most)
		return vs_err_set(err, VS_ERR_INVALID, "it declares %u %s, at most %u can be",
			(unsigned)count, what, (unsigned)most);
	if (count > 0 && !rows)
		return vs_err_set(err, VS_ERR_INVALID, "it declares %u %s without a table of them",
			(unsigned)count, what);
	if (count > 0 && (stride < stride_1_0 || stride % sizeof(void *) != 0))
		return vs_err_set(err, VS_ERR_INVALID,
			"the rows of its %s are %u bytes apart, ABI 1.0 has %zu: rebuild it with the sdk of "
			"this "
			"version",
			what, (unsigned)stride, stride_1_0);
	return 0;
}

static int check_option(const struct vpns_option *option, uint32_t config_size, struct vs_err *err)
{
	const char *name = option->name;

	if (!name || !vs_name_is_valid(name))
		return vs_err_set(err, VS_ERR_INVALID, "'%.40s' is not a name for an option: " VS_NAME_RULE,
			name ? name : "");
	if (option->type >= FIELD_TYPES || fields[option->type].size == 0)
		return vs_err_set(err, VS_ERR_INVALID, "its option '%s' is of type %u, which does not exist",
			name, (unsigned)option->type);
	if (option->offset > config_size || fields[option->type].size > config_size - option->offset)
		return vs_err_set(err, VS_ERR_INVALID,
			"its option '%s' lies at bytes %u to %u of a config of %u bytes: give VPNS_OPTIONS "
			"the "
			"struct that the rows name",
			name, (unsigned)option->offset,
			(unsigned)(option->offset + fields[option->type].size), (unsigned)config_size);
	if (option->offset % fields[option->type].align != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"its option '%s' lies at byte %u, which its type cannot: use the field macros", name,
			(unsigned)option->offset);
	if (option->type == VPNS_OPTION_CHOICE && (!option->choices || !option->choices[0]))
		return vs_err_set(err, VS_ERR_INVALID, "its option '%s' is a choice between nothing", name);
	if (option->min > option->max)
		return vs_err_set(
			err, VS_ERR_INVALID, "its option '%s' has a minimum above its maximum", name);
	return 0;
}

static int check_pair(const struct vpns_option *a, const struct vpns_option *b, struct vs_err *err)
{
	if (strcmp(a->name, b->name) == 0)
		return vs_err_set(err, VS_ERR_INVALID, "it declares the option '%s' twice", a->name);
	if (a->offset < b->offset + fields[b->type].size && b->offset < a->offset + fields[a->type].size)
		return vs_err_set(err, VS_ERR_INVALID,
			"its options '%s' and '%s' are written to the same bytes of its config", a->name,
			b->name);
	return 0;
}

int vs_descriptor_options(struct vpns_plugin *desc, struct vpns_option **copy, struct vs_err *err)
{
	uint32_t i;
	uint32_t k;
	int rc;

	rc = check_table("options", desc->options, desc->option_count, desc->option_stride, OPTIONS_MAX,
		OPTION_SIZE_1_0, err);
	if (rc < 0)
		return rc;
	if (desc->config_size > CONFIG_MAX)
		return vs_err_set(err, VS_ERR_INVALID, "its config has %u bytes, at most %d can be",
			(unsigned)desc->config_size, CONFIG_MAX);
	*copy = copy_rows(desc->options, desc->option_count, desc->option_stride, sizeof(**copy));
	desc->options = *copy;
	desc->option_stride = sizeof(**copy);
	for (i = 0; i < desc->option_count; i++) {
		rc = check_option(&(*copy)[i], desc->config_size, err);
		for (k = 0; k < i && rc == 0; k++)
			rc = check_pair(&(*copy)[i], &(*copy)[k], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int check_fact(const struct vpns_fact_decl *facts, uint32_t i, struct vs_err *err)
{
	const char *name = facts[i].name;
	uint32_t k;

	if (!name || !vs_fact_name_is_valid(name))
		return vs_err_set(err, VS_ERR_INVALID,
			"'%.60s' is not a name for a fact: 1 to %d characters of a-z 0-9 _ .",
			name ? name : "", VPNS_FACT_NAME_MAX);
	if (facts[i].type < VPNS_FACT_TEXT || facts[i].type > VPNS_FACT_TIME)
		return vs_err_set(err, VS_ERR_INVALID, "its fact '%s' is of type %u, which does not exist",
			name, (unsigned)facts[i].type);
	for (k = 0; k < i; k++) {
		if (strcmp(facts[k].name, name) == 0)
			return vs_err_set(err, VS_ERR_INVALID, "it declares the fact '%s' twice", name);
	}
	return 0;
}

int vs_descriptor_facts(struct vpns_plugin *desc, struct vpns_fact_decl **copy, struct vs_err *err)
{
	uint32_t i;
	int rc;

	rc = check_table(
		"facts", desc->facts, desc->fact_count, desc->fact_stride, FACTS_MAX, FACT_SIZE_1_0, err);
	if (rc < 0)
		return rc;
	if (desc->fact_count > 0 && desc->kind != VPNS_KIND_PROBE)
		return vs_err_set(err, VS_ERR_INVALID, "it declares facts, which only a probe can report");
	*copy = copy_rows(desc->facts, desc->fact_count, desc->fact_stride, sizeof(**copy));
	desc->facts = *copy;
	desc->fact_stride = sizeof(**copy);
	for (i = 0; i < desc->fact_count; i++) {
		rc = check_fact(*copy, i, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
