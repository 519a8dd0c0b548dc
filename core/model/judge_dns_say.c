/* What is said about a resolver, by the rule that decided on it. */
#include <string.h>

#include "model/home.h"
#include "model/judge_dns_inside.h"

/* The last part of the sentence: whose it is, or what that means. */
static void say_public(struct vs_sentence *to, const struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_ruling *ruling)
{
	struct vs_view beside = vs_seen_value(&scene->seen, VS_FACT_DNS_BESIDE);
	char text[VS_PREFIX_TEXT];

	vs_say(to, "is run by %s for everybody, and ", ruling->keeper);
	switch (ruling->rule) {
	case VS_RULE_DNS_PUBLIC_ECS:
		vs_prefix_format(&signs->ecs, text);
		vs_say(to, "it was asked through the tunnel, from %s", text);
		break;
	case VS_RULE_DNS_PATH_BESIDE:
		vs_say(to, "the way to %sthe nameservers goes beside the tunnel%s%.*s",
			signs->partly ? "some of " : "", beside.len > 0 ? ": " : "",
			vs_say_length(beside, VS_SAID_MAX), beside.ptr);
		break;
	default:
		vs_say(to, "%s",
			signs->through ? "the route to the nameservers goes through the tunnel"
				       : "nothing proves that it is asked through the tunnel");
		break;
	}
}

static void say_foreign(struct vs_sentence *to, const struct vs_scene *scene,
	const struct vs_dns_signs *signs, const struct vs_ruling *ruling)
{
	vs_say(to, "belongs to ");
	vs_belongs_say(to, &ruling->belongs);
	vs_say(to, ", the exit to ");
	vs_belongs_say(to, ruling->exit == scene->seen.exit4 ? &scene->exit4 : &scene->exit6);
	if (signs->beside)
		vs_say(to, ", and the way to the nameservers goes beside the tunnel");
	if (ruling->belongs.stale)
		vs_say(to, " (as of long ago)");
}

static void say_unplaced(struct vs_sentence *to, const struct vs_ruling *ruling)
{
	bool pending = ruling->rule == VS_RULE_DNS_LOOKING_UP;
	char text[VS_ADDR_TEXT];

	if (ruling->exit == NULL) {
		vs_say(to, "belongs to a network that %s",
			pending ? "is being looked up" : "nobody could tell");
		return;
	}
	vs_addr_format(&ruling->exit->addr, text);
	vs_say(to, "belongs to ");
	vs_belongs_say(to, &ruling->belongs);
	vs_say(to, ", and %s where the exit %s belongs",
		pending ? "it is being looked up" : "nobody could tell", text);
}

static void say_home(struct vs_sentence *to, const struct vs_scene *scene, const struct vs_ruling *ruling)
{
	static const struct vs_addr none = {0};
	const struct vs_home *home = scene->in->home;
	char why[VS_WHY_SIZE] = "";

	if (ruling->rule == VS_RULE_DNS_HOME)
		vs_home_contains(home, &ruling->resolver->addr, 0, why, sizeof(why));
	else if (!vs_home_contains(home, &none, ruling->belongs.asn, why, sizeof(why)))
		vs_home_shares_asn(home, ruling->belongs.asn, why, sizeof(why));
	vs_say(to, "%s", why);
}

static void say_same(struct vs_sentence *to, const struct vs_ruling *ruling)
{
	char text[VS_ADDR_TEXT];

	if (ruling->rule == VS_RULE_DNS_SAME_PREFIX) {
		vs_addr_format(&ruling->exit->addr, text);
		vs_say(to, "is next to the exit %s", text);
		return;
	}
	if (ruling->belongs.asn == 0) {
		vs_addr_format(&ruling->exit->addr, text);
		vs_say(to, "is next to the exit %s and to the server's own: it may be the resolver of either",
			text);
		return;
	}
	vs_say(to, "belongs to ");
	vs_belongs_say(to, &ruling->belongs);
	vs_say(to, "%s",
		ruling->rule == VS_RULE_DNS_SAME_NETWORK ? ", as the exit does"
		: ruling->rule == VS_RULE_DNS_SHARED_NETWORK
			? ", as the exit and the home network do: it may be the resolver of either"
			: ", a data centre in the exit's country");
}

void vs_say_ruling(struct vs_sentence *to, const struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_ruling *ruling)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(&ruling->resolver->addr, text);
	vs_say(to, "the resolver %s ", text);
	switch (ruling->rule) {
	case VS_RULE_DNS_HOME:
	case VS_RULE_DNS_HOME_ASN:
		say_home(to, scene, ruling);
		break;
	case VS_RULE_DNS_LAN:
		vs_say(to, "asked the server's own zone from a private network beside the tunnel");
		break;
	case VS_RULE_DNS_PRIVATE:
		vs_say(to, "has a private address, which proves nothing");
		break;
	case VS_RULE_DNS_TOLERATED:
		vs_say(to, "is tolerated");
		break;
	case VS_RULE_DNS_PUBLIC:
	case VS_RULE_DNS_PUBLIC_ECS:
	case VS_RULE_DNS_PATH_BESIDE:
		say_public(to, scene, signs, ruling);
		break;
	case VS_RULE_DNS_FOREIGN:
		say_foreign(to, scene, signs, ruling);
		break;
	case VS_RULE_DNS_LOOKING_UP:
	case VS_RULE_DNS_NO_PLACE:
		say_unplaced(to, ruling);
		break;
	case VS_RULE_DNS_NO_EXIT:
		vs_say(to, "cannot be compared: no exit of a tunnel is known");
		break;
	default:
		say_same(to, ruling);
		break;
	}
}
