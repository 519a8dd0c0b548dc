#include "base/alloc.h"
#include "loop/work.h"
#include "plug/inside.h"

struct job {
	struct vs_instance *instance;
	void (*run)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

/* [worker] */
static void run_job(void *arg)
{
	struct job *job = arg;

	job->run(job->arg);
}

static void on_job_done(void *arg, int rc)
{
	struct job job = *(struct job *)arg;
	struct vs_instance *instance = job.instance;

	(void)rc; /* a job that never ran ends like one that did: its owner frees what it holds */
	vs_free(arg);
	instance->services.jobs--;
	if (instance->abandoned)
		return;
	if (job.done) {
		vs_instance_enter(instance);
		job.done(job.arg);
		vs_instance_leave(instance);
	}
	if (instance->drain.wanted)
		vs_instance_tick(instance);
}

static uint64_t start(
	const struct vpns_host *host, void (*run)(void *arg), void (*done)(void *arg), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct job *job;

	if (!vs_instance_on_thread(instance, "work/1 start") || instance->abandoned || !run)
		return 0;
	if (instance->services.jobs >= VS_JOBS_MAX)
		return 0;
	job = vs_alloc(sizeof(*job));
	*job = (struct job){instance, run, done, arg};
	if (vs_pool_start(instance->env->pool, run_job, on_job_done, job) < 0) {
		vs_free(job);
		return 0;
	}
	instance->services.jobs++;
	return ++instance->services.serial;
}

const struct vpns_work_service vs_service_work_1 = {sizeof(vs_service_work_1), 1, start};
