#include <math.h>
#include <string.h>

#include "plug/inside.h"
#include "plug/name.h"

/* The metric of that name and sort, made when it is new; NULL when it cannot be. Under the lock. */
static struct vs_metric *find(struct vs_services *services, const char *name, bool is_counter)
{
	struct vs_metric *metric;
	uint32_t i;

	for (i = 0; i < services->metric_count; i++) {
		metric = &services->metrics[i];
		if (strcmp(metric->name, name) == 0)
			return metric->is_counter == is_counter ? metric : NULL;
	}
	if (services->metric_count == VS_METRICS_MAX)
		return NULL;
	metric = &services->metrics[services->metric_count++];
	strcpy(metric->name, name); /* its length was checked */
	metric->is_counter = is_counter;
	return metric;
}

/* [any] */
static void change(const struct vpns_host *host, const char *name, bool is_counter, double value)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_services *services = &instance->services;
	struct vs_metric *metric = NULL;

	if (name && vs_name_is_valid(name) && isfinite(value) && (!is_counter || value >= 0)) {
		pthread_mutex_lock(&services->metric_lock);
		metric = find(services, name, is_counter);
		if (metric)
			metric->value = is_counter ? metric->value + value : value;
		pthread_mutex_unlock(&services->metric_lock);
	}
	if (!metric)
		vs_instance_breach(instance, VS_BREACH_METRICS,
			"metric/1: '%.40s' was dropped: a name is " VS_NAME_RULE
			", at most %d of them, each either "
			"counter or gauge, with finite numbers",
			name ? name : "", VS_METRICS_MAX);
}

static void add(const struct vpns_host *host, const char *name, double amount)
{
	change(host, name, true, amount);
}

static void set(const struct vpns_host *host, const char *name, double value)
{
	change(host, name, false, value);
}

void vs_instance_metrics(const struct vs_instance *instance,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg)
{
	struct vs_services *services = &vs_instance_of(&instance->host)->services;
	struct vs_metric metrics[VS_METRICS_MAX];
	uint32_t count;
	uint32_t i;

	pthread_mutex_lock(&services->metric_lock);
	count = services->metric_count;
	memcpy(metrics, services->metrics, count * sizeof(metrics[0]));
	pthread_mutex_unlock(&services->metric_lock);
	for (i = 0; i < count; i++)
		each(arg, metrics[i].name, metrics[i].is_counter, metrics[i].value);
}

const struct vpns_metric_service vs_service_metric_1 = {sizeof(vs_service_metric_1), 1, add, set};
