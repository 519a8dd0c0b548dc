#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "model/names.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/stats.h"
#include "server/troubles.h"
#include "server/unit.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script mail;
	struct script pager;
	struct vs_outbox *outbox;
	struct vs_troubles *troubles;
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	script_init(&f->mail, f->loop, "mail");
	script_init(&f->pager, f->loop, "pager");
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_add_channel(f->outbox, &f->mail.conf, &f->mail.port);
	vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
	f->troubles = vs_troubles_create(&fake_clock, f->ledger, f->outbox, &f->stats);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_troubles_destroy(f->troubles);
	vs_outbox_destroy(f->outbox);
	fake_store_let_all(&f->store);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	script_fini(&f->mail);
	script_fini(&f->pager);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void write_trouble(void *arg, const struct vs_incident *incident)
{
	struct vs_buf *out = arg;

	if (out->len > 0)
		vs_buf_add_char(out, ',');
	vs_incident_encode(incident, out);
}

static void assert_written(const struct fixture *f, const char *first, const char *second)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_troubles_each(f->troubles, write_trouble, &out);
	assert_contains(vs_buf_text(&out), first);
	assert_contains(vs_buf_text(&out), second);
	vs_buf_fini(&out);
}

static void a_trouble_is_opened_once_stored_and_told_to_all(void **state)
{
	struct fixture *f = *state;

	vs_troubles_open(f->troubles, VS_KIND_STORE_FAILING, "", "the disk is full");
	vs_troubles_open(f->troubles, VS_KIND_STORE_FAILING, "", "the disk is still full");
	assert_int_equal(f->mail.count, 0); /* not before it is stored */
	settle(f->loop);
	assert_alerts(&f->mail, "opened store_failing");
	assert_alerts(&f->pager, "opened store_failing");
	assert_contains(f->mail.alerts[0].body, "the disk is full");
	assert_int_equal(f->mail.alerts[0].severity, VPNS_SEVERITY_WARNING);
	assert_int_equal(vs_troubles_count(f->troubles), 1);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_INCIDENTS), 1);
	assert_int_equal(f->stats.count[VS_STAT_TRANSITIONS], 1);
}

static void its_end_is_told_with_how_long_it_lasted_and_stays_stored(void **state)
{
	struct fixture *f = *state;

	vs_troubles_open(f->troubles, VS_KIND_STORE_FAILING, "", "the disk is full");
	advance(f->loop, 90 * SECOND);
	vs_troubles_resolve(f->troubles, VS_KIND_STORE_FAILING, "");
	vs_troubles_resolve(f->troubles, VS_KIND_STORE_FAILING, "");
	settle(f->loop);
	assert_alerts(&f->mail, "opened store_failing, resolved store_failing");
	assert_contains(f->mail.alerts[1].title, "after 1m 30s");
	assert_int_equal(vs_troubles_count(f->troubles), 0);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_INCIDENTS), 1);
	assert_contains(f->store.tables[VS_TABLE_INCIDENTS].records[0].value, "\"state\":\"resolved\"");
}

static void each_subject_has_a_trouble_of_its_own_and_is_not_asked_to_tell_it(void **state)
{
	struct fixture *f = *state;

	vs_troubles_open(f->troubles, VS_KIND_CHANNEL_BROKEN, "mail", "mail: no such chat");
	vs_troubles_open(f->troubles, VS_KIND_CHANNEL_BROKEN, "pager", "pager: no such number");
	settle(f->loop);
	assert_int_equal(vs_troubles_count(f->troubles), 2);
	assert_alerts(&f->mail, "opened channel_broken");
	assert_contains(f->mail.alerts[0].body, "pager: no such number");
	assert_alerts(&f->pager, "opened channel_broken");
	assert_contains(f->pager.alerts[0].body, "mail: no such chat");
	assert_written(f, "mail: no such chat", "},{");
	vs_troubles_resolve(f->troubles, VS_KIND_CHANNEL_BROKEN, "mail");
	settle(f->loop);
	assert_int_equal(vs_troubles_count(f->troubles), 1);
	assert_alerts(&f->mail, "opened channel_broken");
	assert_alerts(&f->pager, "opened channel_broken, resolved channel_broken");
}

static void a_reason_in_another_encoding_can_be_told_and_stored(void **state)
{
	struct fixture *f = *state;

	vs_troubles_open(f->troubles, VS_KIND_STORE_FAILING, "", "caf\xe9 \xff");
	settle(f->loop);
	assert_contains(f->mail.alerts[0].body, "caf? ?");
	vs_troubles_open(f->troubles, VS_KIND_SERVER_OFFLINE, "", "caf\xc3\xa9");
	settle(f->loop);
	assert_contains(f->mail.alerts[1].body, "caf\xc3\xa9");
}

static int restore_text(struct fixture *f, const char *text)
{
	struct vs_err err = {0};
	int rc = vs_troubles_restore(f->troubles, vs_view_of(text), &err);

	assert_int_equal(rc == 0, err.text[0] == '\0');
	return rc;
}

static int restore(struct fixture *f, enum vs_kind kind, const char *client, bool open)
{
	struct vs_incident incident = incident_of(kind, client);
	struct vs_buf text;
	int rc;

	vs_incident_set_evidence(&incident, "mail: no such chat: never: was");
	incident.open = open;
	incident.resolved_at = open ? 0 : NOON;
	vs_buf_init(&text);
	vs_incident_encode(&incident, &text);
	rc = restore_text(f, vs_buf_text(&text));
	vs_buf_fini(&text);
	vs_incident_fini(&incident);
	return rc;
}

static void only_open_ones_of_the_server_are_restored(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(restore(f, VS_KIND_BYPASS, "office", true), 0);
	assert_int_equal(restore(f, VS_KIND_BYPASS, "office", false), 0);
	assert_int_equal(restore(f, VS_KIND_STORE_FAILING, "", false), 0);
	assert_int_equal(vs_troubles_count(f->troubles), 0);
	assert_int_equal(restore(f, VS_KIND_CHANNEL_BROKEN, "", true), 0);
	assert_int_equal(vs_troubles_count(f->troubles), 1);
	assert_int_equal(restore_text(f, "{"), VS_ERR_INVALID);
	vs_troubles_open(f->troubles, VS_KIND_CHANNEL_BROKEN, "mail", "mail: again");
	assert_int_equal(vs_troubles_count(f->troubles), 1); /* its subject was understood */
	vs_troubles_restored(f->troubles);
	assert_int_equal(vs_troubles_count(f->troubles), 1);
	vs_troubles_resolve(f->troubles, VS_KIND_CHANNEL_BROKEN, "mail");
	assert_int_equal(vs_troubles_count(f->troubles), 0);
}

static bool is_tide(void *arg, const char *subject)
{
	unsigned *asked = arg;

	(*asked)++;
	return strcmp(subject, "probe tide") == 0;
}

static void those_that_do_not_stay_are_resolved(void **state)
{
	struct fixture *f = *state;
	unsigned asked = 0;

	vs_troubles_open(f->troubles, VS_KIND_PLUGIN_FAILING, "probe tide", "probe tide: lies");
	vs_troubles_open(f->troubles, VS_KIND_PLUGIN_FAILING, "source tide", "source tide: lies");
	vs_troubles_open(f->troubles, VS_KIND_CHANNEL_BROKEN, "mail", "mail: no such chat");
	vs_troubles_review(f->troubles, VS_KIND_PLUGIN_FAILING, is_tide, &asked);
	assert_int_equal(asked, 2); /* the channel is no plugin */
	assert_int_equal(vs_troubles_count(f->troubles), 2);
	assert_written(f, "probe tide: lies", "mail: no such chat");
}

static void the_subject_of_a_restored_plugin_is_understood(void **state)
{
	struct fixture *f = *state;
	unsigned asked = 0;

	assert_int_equal(restore(f, VS_KIND_PLUGIN_FAILING, "", true), 0); /* "mail: ..." */
	vs_troubles_open(f->troubles, VS_KIND_PLUGIN_FAILING, "mail", "mail: again");
	assert_int_equal(vs_troubles_count(f->troubles), 1);
	vs_troubles_restored(f->troubles);
	assert_int_equal(vs_troubles_count(f->troubles), 1); /* that is about channels */
	vs_troubles_review(f->troubles, VS_KIND_PLUGIN_FAILING, is_tide, &asked);
	assert_int_equal(vs_troubles_count(f->troubles), 0);
}

static void nobody_is_told_after_they_are_gone(void **state)
{
	struct fixture *f = *state;

	f->store.hold = true;
	vs_troubles_open(f->troubles, VS_KIND_STORE_FAILING, "", "the disk is full");
	vs_troubles_open(f->troubles, VS_KIND_SERVER_OFFLINE, "", "cut off");
	vs_troubles_destroy(f->troubles);
	vs_outbox_destroy(f->outbox);
	f->troubles = NULL;
	f->outbox = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(f->mail.count, 0);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_OUTBOX), 4);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_trouble_is_opened_once_stored_and_told_to_all),
		T(its_end_is_told_with_how_long_it_lasted_and_stays_stored),
		T(each_subject_has_a_trouble_of_its_own_and_is_not_asked_to_tell_it),
		T(a_reason_in_another_encoding_can_be_told_and_stored),
		T(those_that_do_not_stay_are_resolved),
		T(the_subject_of_a_restored_plugin_is_understood),
		T(only_open_ones_of_the_server_are_restored),
		T(nobody_is_told_after_they_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
