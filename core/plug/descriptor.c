#include "plug/descriptor.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "plug/descriptor_rows.h"
#include "plug/name.h"
#include "plug/note.h"
#include "plug/offer.h"

#define NEEDS_MAX 32

/* A verb without which a table of ops is of no use, and where it stands. */
struct verb {
	uint32_t kind;
	uint32_t offset;
	const char *name;
};

#define VERB(kind, strukt, member)                                                                           \
	{                                                                                                    \
		VPNS_KIND_##kind, offsetof(struct strukt, member), #member                                   \
	}

static const struct verb verbs[] = {
	VERB(PROBE, vpns_probe_ops, create),
	VERB(PROBE, vpns_probe_ops, start),
	VERB(PROBE, vpns_probe_ops, destroy),
	VERB(NOTIFIER, vpns_notifier_ops, create),
	VERB(NOTIFIER, vpns_notifier_ops, deliver),
	VERB(NOTIFIER, vpns_notifier_ops, destroy),
	VERB(AUTH, vpns_auth_ops, create),
	VERB(AUTH, vpns_auth_ops, check),
	VERB(AUTH, vpns_auth_ops, destroy),
	VERB(STORE, vpns_store_ops, create),
	VERB(STORE, vpns_store_ops, commit),
	VERB(STORE, vpns_store_ops, scan),
	VERB(STORE, vpns_store_ops, destroy),
};

/* Tables of 1.0, by kind: how long they must be, how much of them the host knows. */
static const uint32_t ops_size_1_0[] = {
	[VPNS_KIND_PROBE] = offsetof(struct vpns_probe_ops, locate) + sizeof(void *),
	[VPNS_KIND_NOTIFIER] = offsetof(struct vpns_notifier_ops, reconfigure) + sizeof(void *),
	[VPNS_KIND_AUTH] = offsetof(struct vpns_auth_ops, reconfigure) + sizeof(void *),
	[VPNS_KIND_STORE] = offsetof(struct vpns_store_ops, destroy) + sizeof(void *),
};

static const uint32_t ops_size_here[] = {
	[VPNS_KIND_PROBE] = sizeof(struct vpns_probe_ops),
	[VPNS_KIND_NOTIFIER] = sizeof(struct vpns_notifier_ops),
	[VPNS_KIND_AUTH] = sizeof(struct vpns_auth_ops),
	[VPNS_KIND_STORE] = sizeof(struct vpns_store_ops),
};

static int check_guards(const struct vpns_plugin *desc, uint64_t known, uint32_t kind, struct vs_err *err)
{
	int rc;

	if (desc->magic != VPNS_MAGIC)
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor has the magic 0x%08x instead of 0x%08x: use one of the VPNS_*_PLUGIN "
			"macros",
			(unsigned)desc->magic, (unsigned)VPNS_MAGIC);
	rc = vs_abi_check(desc->abi_major, desc->abi_minor, err);
	if (rc < 0)
		return rc;
	if (desc->size < VS_DESCRIPTOR_SIZE_1_0)
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor has %u bytes, ABI 1.0 has %zu: rebuild it with the sdk of this "
			"version",
			(unsigned)desc->size, VS_DESCRIPTOR_SIZE_1_0);
	if (desc->size > known)
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor claims %u bytes but the symbol has %llu: rebuild it",
			(unsigned)desc->size, (unsigned long long)known);
	if (desc->kind != kind)
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor is of kind %u (%s), its note and folder say %s: rebuild it with one "
			"of "
			"the VPNS_*_PLUGIN macros",
			(unsigned)desc->kind, vs_kind_text(desc->kind), vs_kind_text(kind));
	return 0;
}

static int check_texts(const struct vpns_plugin *desc, const char *name, struct vs_err *err)
{
	if (!desc->name || strcmp(desc->name, name) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor calls itself '%s', its note and file '%s': rebuild it with one of "
			"the "
			"VPNS_*_PLUGIN macros",
			desc->name ? desc->name : "", name);
	if (!desc->version || !desc->version[0] || !desc->summary || !desc->summary[0])
		return vs_err_set(err, VS_ERR_INVALID,
			"its descriptor has no version or no summary: give both in the VPNS_*_PLUGIN macro");
	return 0;
}

static int take_ops(struct vs_descriptor *self, struct vs_err *err)
{
	struct vpns_plugin *desc = &self->desc;
	const void *tables[] = {desc->probe, desc->notifier, desc->auth, desc->store};
	const char *const names[] = {"probe", "notifier", "auth", "store"};
	const void *table = tables[desc->kind - 1];
	uint32_t size;
	uint32_t i;

	if (!table)
		return vs_err_set(err, VS_ERR_INVALID, "its descriptor has no %s table: give it to the macro",
			names[desc->kind - 1]);
	for (i = 0; i < 4; i++) {
		if (tables[i] && i != desc->kind - 1)
			return vs_err_set(err, VS_ERR_INVALID,
				"its descriptor has the table of kind %s besides that of %s: a plugin is of "
				"one kind",
				names[i], names[desc->kind - 1]);
	}
	memcpy(&size, table, sizeof(size));
	if (size < ops_size_1_0[desc->kind])
		return vs_err_set(err, VS_ERR_INVALID,
			"its %s table says it has %u bytes, ABI 1.0 has %u: set .size to sizeof the table",
			names[desc->kind - 1], (unsigned)size, (unsigned)ops_size_1_0[desc->kind]);
	memcpy(&self->ops, table, size < ops_size_here[desc->kind] ? size : ops_size_here[desc->kind]);
	desc->probe = desc->kind == VPNS_KIND_PROBE ? &self->ops.probe : NULL;
	desc->notifier = desc->kind == VPNS_KIND_NOTIFIER ? &self->ops.notifier : NULL;
	desc->auth = desc->kind == VPNS_KIND_AUTH ? &self->ops.auth : NULL;
	desc->store = desc->kind == VPNS_KIND_STORE ? &self->ops.store : NULL;
	return 0;
}

static int check_verbs(const struct vs_descriptor *self, struct vs_err *err)
{
	const char *table = (const char *)&self->ops;
	void (*verb)(void);
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (verbs[i].kind != self->desc.kind)
			continue;
		memcpy(&verb, table + verbs[i].offset, sizeof(verb));
		if (!verb)
			return vs_err_set(err, VS_ERR_INVALID,
				"its %s table has no %s(), which the kind %s needs",
				vs_kind_text(verbs[i].kind), verbs[i].name, vs_kind_text(verbs[i].kind));
	}
	return 0;
}

static int check_needs(const struct vpns_plugin *desc, struct vs_err *err)
{
	struct vs_buf offered;
	uint32_t i;
	int rc = 0;

	if (desc->need_count > NEEDS_MAX || (desc->need_count > 0 && !desc->needs))
		return vs_err_set(err, VS_ERR_INVALID, "its list of %u needed services cannot be: at most %d",
			(unsigned)desc->need_count, NEEDS_MAX);
	vs_buf_init(&offered);
	vs_service_names(desc->kind, &offered);
	for (i = 0; i < desc->need_count && rc == 0; i++) {
		if (desc->needs[i] && vs_service_is_offered(desc->kind, desc->needs[i]))
			continue;
		rc = vs_err_set(err, VS_ERR_REFUSED,
			"it needs the service %s, which this host does not offer to the kind %s (it "
			"offers %s): "
			"upgrade vpn-sentinel, or build the plugin without it",
			desc->needs[i] ? desc->needs[i] : "(null)", vs_kind_text(desc->kind),
			vs_buf_text(&offered));
	}
	vs_buf_fini(&offered);
	return rc;
}

static int check_flags(const struct vpns_plugin *desc, struct vs_err *err)
{
	if ((desc->flags & VPNS_PLUGIN_BLOCKING) && desc->kind != VPNS_KIND_STORE)
		return vs_err_set(err, VS_ERR_REFUSED,
			"its verbs may block (VPNS_PLUGIN_BLOCKING), which would hold up everything else: "
			"move "
			"the slow part to the service work/1 and drop the flag");
	return 0;
}

int vs_descriptor_take(struct vs_descriptor *self, const void *raw, uint64_t known, uint32_t kind,
	const char *name, struct vs_err *err)
{
	struct vpns_plugin *desc = &self->desc;
	int rc;

	memset(self, 0, sizeof(*self));
	/* Until size is known to be true, only the guards may be looked at. */
	if (known < offsetof(struct vpns_plugin, flags))
		return vs_err_set(err, VS_ERR_INVALID, "its descriptor has only %llu bytes: rebuild it",
			(unsigned long long)known);
	memcpy(desc, raw, offsetof(struct vpns_plugin, flags));
	rc = check_guards(desc, known, kind, err);
	if (rc < 0)
		return rc;
	memcpy(desc, raw, desc->size < sizeof(*desc) ? desc->size : sizeof(*desc));
	rc = check_texts(desc, name, err);
	if (rc == 0)
		rc = check_flags(desc, err);
	if (rc == 0)
		rc = take_ops(self, err);
	if (rc == 0)
		rc = check_verbs(self, err);
	if (rc == 0)
		rc = check_needs(desc, err);
	if (rc == 0)
		rc = vs_descriptor_options(desc, &self->options, err);
	if (rc == 0)
		rc = vs_descriptor_facts(desc, &self->facts, err);
	if (rc < 0)
		vs_descriptor_fini(self);
	return rc;
}

void vs_descriptor_fini(struct vs_descriptor *descriptor)
{
	vs_free(descriptor->options);
	vs_free(descriptor->facts);
	memset(descriptor, 0, sizeof(*descriptor));
}
