#include "base/alloc.h"
#include "net/dns.h"
#include "net/dns_message.h"
#include "plug/inside.h"

#define SIZE_1_0 (offsetof(struct vpns_dns_request, reserved) + sizeof(uint32_t))
#define TIMEOUT_MAX_MS 60000

struct question {
	struct vs_slot slot;
	uint64_t inner;
	void (*done)(void *arg, const struct vpns_dns_reply *reply);
};

static struct vpns_dns_record *translate(const struct vs_dns_reply *reply)
{
	struct vpns_dns_record *records = vs_calloc(reply->record_count + 1, sizeof(*records));
	size_t i;

	for (i = 0; i < reply->record_count; i++) {
		const struct vs_dns_record *record = &reply->records[i];

		records[i] = (struct vpns_dns_record){
			.name = record->name,
			.text = record->text,
			.strings = (const char *const *)record->strings,
			.string_count = (uint32_t)record->string_count,
			.type = record->type,
			.ttl = record->ttl,
		};
	}
	return records;
}

static void on_reply(void *arg, const struct vs_dns_reply *reply)
{
	struct question question = *(struct question *)arg;
	struct vpns_dns_record *records = translate(reply);
	const struct vpns_dns_reply out = {
		.size = sizeof(out),
		.error = (int32_t)reply->error,
		.rcode = reply->rcode,
		.record_count = (uint32_t)reply->record_count,
		.records = records,
		.server = reply->server,
		.error_text = reply->error_text,
		.elapsed_ms = reply->elapsed_ms,
	};

	vs_slot_free(arg);
	vs_instance_enter(question.slot.instance);
	question.done(question.slot.arg, &out);
	vs_instance_leave(question.slot.instance);
	vs_free(records);
}

static uint64_t query(const struct vpns_host *host, const struct vpns_dns_request *wish,
	void (*done)(void *arg, const struct vpns_dns_reply *reply), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vpns_dns_request full;
	struct vs_dns_request inner;
	struct question *question;

	if (!vs_instance_on_thread(instance, "dns/1 query") || instance->abandoned)
		return 0;
	if (!vs_slot_read(&full, sizeof(full), wish, SIZE_1_0) || !done) {
		vs_instance_breach(
			instance, VS_BREACH_DNS, "asked a DNS question without size or done(): refused");
		return 0;
	}
	question = vs_slot_take(instance, &instance->services.questions, VS_SLOTS_MAX, sizeof(*question));
	if (!question)
		return 0;
	inner = (struct vs_dns_request){
		.name = full.name,
		.server = full.server,
		.type = full.type,
		.dns_class = full.dns_class,
		.family = full.family,
		.timeout_ms = full.timeout_ms < TIMEOUT_MAX_MS ? full.timeout_ms : TIMEOUT_MAX_MS,
		.tcp = full.transport == VPNS_DNS_TCP,
		.system = full.mode == VPNS_DNS_SYSTEM,
	};
	question->slot.arg = arg;
	question->done = done;
	question->inner = vs_dns_query(instance->env->dns, &inner, on_reply, question);
	if (question->inner)
		return question->slot.handle;
	vs_slot_free(&question->slot);
	return 0;
}

static void drop(struct vs_instance *instance, struct question *question)
{
	vs_dns_cancel(instance->env->dns, question->inner);
	vs_slot_free(&question->slot);
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct question *question;

	if (!vs_instance_on_thread(instance, "dns/1 cancel"))
		return;
	question = vs_slot_find(&instance->services.questions, handle);
	if (question)
		drop(instance, question);
}

static uint32_t nameservers(
	const struct vpns_host *host, void (*each)(void *arg, const char *address), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);

	if (!vs_instance_on_thread(instance, "dns/1 nameservers") || instance->abandoned || !each)
		return 0;
	return (uint32_t)vs_dns_nameservers(instance->env->dns, each, arg);
}

uint32_t vs_service_dns_close(struct vs_instance *instance)
{
	struct question *question;
	uint32_t left = 0;

	while ((question = vs_slot_any(&instance->services.questions))) {
		drop(instance, question);
		left++;
	}
	return left;
}

const struct vpns_dns_service vs_service_dns_1 = {sizeof(vs_service_dns_1), 1, query, cancel, nameservers};
