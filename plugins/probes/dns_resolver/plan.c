/* Which questions a round asks. */
#include "dns_resolver.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

void label_make(char label[LABEL_LEN + 1])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[17] = {0};
	int bit;
	int i;

	if (getrandom(random, 16, 0) != 16)
		memset(random, 0x55, 16); /* cannot be: 16 bytes come whole */
	for (i = 0, bit = 0; i < LABEL_LEN; i++, bit += 5) {
		unsigned pair = (unsigned)random[bit / 8] << 8 | random[bit / 8 + 1];

		label[i] = digits[(pair >> (11 - bit % 8)) & 31];
	}
	label[LABEL_LEN] = '\0';
}

void label_make_uuid(char label[64])
{
	unsigned char r[16] = {0};

	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		memset(r, 0x55, sizeof(r));
	snprintf(label, 64, "%02x%02x%02x%02x-%02x%02x-4%x%02x-a%x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1],
		r[2], r[3], r[4], r[5], r[6] & 15u, r[7], r[8] & 15u, r[9], r[10], r[11], r[12], r[13], r[14],
		r[15]);
}

int resolver_add_question(struct resolver *self, uint8_t technique, const char *name)
{
	struct question *question;

	if (self->question_count == QUESTIONS_MAX)
		return 0;
	question = &self->questions[self->question_count++];
	question->technique = technique;
	question->route = SYSTEM;
	snprintf(question->name, sizeof(question->name), "%s", name);
	return 1;
}

static struct question *add(struct resolver *self, uint8_t technique, uint32_t route)
{
	struct question *question;

	if (self->question_count == QUESTIONS_MAX)
		return NULL;
	question = &self->questions[self->question_count++];
	question->technique = technique;
	question->route = (uint8_t)route;
	question->name[0] = '\0';
	return question;
}

static void add_label(struct resolver *self, uint32_t route)
{
	char label[LABEL_LEN + 1];
	struct question *question;

	if (self->nonces == NONCES_MAX)
		return;
	question = add(self, ZONE, route);
	if (question == NULL)
		return;
	label_make(label);
	snprintf(question->name, sizeof(question->name), "%s.%s", label, self->config->zone);
	/* A host that sends no reports is asked by a person, who may look at the zone's own answer. */
	if (self->nonce != NULL)
		(void)self->nonce->tell(self->host, label);
	self->nonces++;
}

static int asks_system(const struct resolver *self)
{
	return self->config->nameservers != ONLY_EACH;
}

/* How many servers are asked one by one. */
static uint32_t servers_asked(const struct resolver *self, uint8_t technique)
{
	if (self->config->nameservers != ONLY_SYSTEM)
		return self->server_count;
	/* getaddrinfo() gives addresses only: for texts the first nameserver stands for the system. */
	return (technique == AKAHELP || technique == GOOGLE) && self->server_count > 0 ? 1 : 0;
}

static void plan_zone(struct resolver *self, int full)
{
	uint32_t servers = servers_asked(self, ZONE);
	uint32_t labels = full ? (uint32_t)self->config->labels : 1;
	uint32_t each;
	uint32_t i;
	uint32_t k;

	if (asks_system(self))
		for (i = 0; i < labels; i++)
			add_label(self, SYSTEM);
	if (servers == 0)
		return;
	if (!full) {
		add_label(self, self->turn % servers);
		return;
	}
	each = (NONCES_MAX - self->nonces) / servers;
	if (each > labels)
		each = labels;
	for (k = 0; k < servers; k++)
		for (i = 0; i < each; i++)
			add_label(self, k);
}

static int is_due(const struct resolver *self, uint8_t technique, uint32_t route)
{
	return self->host->mono_ms(self->host) >= self->due_ms[technique][route];
}

static void add_fixed(struct resolver *self, uint8_t technique, uint32_t route, const char *name)
{
	struct question *question = is_due(self, technique, route) ? add(self, technique, route) : NULL;

	if (question != NULL)
		snprintf(question->name, sizeof(question->name), "%s", name);
}

static void plan_fixed(struct resolver *self, uint8_t technique, const char *name, int full)
{
	uint32_t routes[ROUTES];
	uint32_t count = 0;
	uint32_t servers = servers_asked(self, technique);
	uint32_t i;

	if (name == NULL || (self->wanted & (1u << technique)) == 0)
		return;
	if (technique == AKAMAI && asks_system(self))
		routes[count++] = SYSTEM;
	for (i = 0; i < servers; i++)
		routes[count++] = i;
	for (i = 0; i < count; i++)
		if (full || i == self->turn % count)
			add_fixed(self, technique, routes[i], name);
}

static void plan_invented(struct resolver *self)
{
	char label[LABEL_LEN + 1];
	struct question *question;

	if (!self->config->rewrites || self->config->invented == NULL || self->server_count == 0)
		return;
	question = add(self, INVENTED, asks_system(self) ? SYSTEM : 0);
	label_make(label);
	if (question != NULL)
		snprintf(question->name, sizeof(question->name), "%s.%s", label, self->config->invented);
}

void plan_round(struct resolver *self)
{
	int full = self->full > 0;

	self->question_count = 0;
	self->nonces = 0;
	if ((self->wanted & (1u << ZONE)) != 0 && self->config->zone != NULL)
		plan_zone(self, full);
	plan_fixed(self, AKAHELP, self->config->akahelp, full);
	plan_fixed(self, AKAMAI, self->config->akamai, full);
	plan_fixed(self, GOOGLE, self->config->google, full);
	if (full) {
		plan_invented(self);
		self->full--;
	}
	self->turn++;
}
