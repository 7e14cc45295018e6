/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells snooping switches and multicast routers which groups we listen to: lib/mld decides, here
 * is sent. The groups are those of our addresses, anycast ones too (RFC 4861 7.2.1), and all routers.
 */
#include "stack/stack_neigh.h"

#include <stdlib.h>

#include "mld/mld.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

_Static_assert(2 * IFACE_ADDR_MAX + 2 <= MLD_GROUPS_MAX,
	"two groups for each address, and all routers of link and site");

/* One for each interface that is up and has a link. */
struct stack_mld {
	TAILQ_ENTRY(stack_mld) entry;
	uint16_t iface;
	struct mld_listener listener;
};

static struct stack_mld *
mld_find(const struct stack *stack, uint16_t iface)
{
	struct stack_mld *mld;

	TAILQ_FOREACH (mld, &stack->mlds, entry) {
		if (mld->iface == iface)
			return mld;
	}
	return NULL;
}

static struct stack_mld *
mld_get(struct stack *stack, uint16_t iface)
{
	struct stack_mld *mld = mld_find(stack, iface);

	if (mld != NULL)
		return mld;
	mld = calloc(1, sizeof(*mld));
	if (mld == NULL)
		return NULL;
	mld->iface = iface;
	mld->listener.robustness = stack->config.nd.mld_robustness;
	TAILQ_INSERT_TAIL(&stack->mlds, mld, entry);
	return mld;
}

void
stack_mld_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_mld *mld, *next;

	for (mld = TAILQ_FIRST(&stack->mlds); mld != NULL; mld = next) {
		next = TAILQ_NEXT(mld, entry);
		if (iface != IFACE_NONE && mld->iface != iface)
			continue;
		TAILQ_REMOVE(&stack->mlds, mld, entry);
		free(mld);
	}
}

void
stack_mld_sync(struct stack *stack, const struct iface *iface)
{
	struct ip_addr groups[MLD_GROUPS_MAX], anycast;
	struct stack_mld *mld;
	unsigned count = 0;

	/* A link that was gone has forgotten us: coming up starts afresh. */
	if (!iface->up || iface->l2_only || iface->ip6_off || iface->type == IFACE_LOOPBACK ||
		stack->config.nd.mld_robustness == 0) {
		stack_mld_iface_gone(stack, iface->index);
		return;
	}
	mld = mld_get(stack, iface->index);
	if (mld == NULL)
		return;
	for (unsigned i = 0; i < iface->addr_count; i++) {
		/* Tentative ones too: RFC 4862 5.4.2. */
		if (iface->addrs[i].addr.family == IP_FAMILY_6)
			groups[count++] = ip6_solicited_node(&iface->addrs[i].addr);
		if (iface_addr_anycast(&iface->addrs[i], &anycast))
			groups[count++] = ip6_solicited_node(&anycast);
	}
	/* RFC 4291 2.8 */
	if (count > 0) {
		groups[count++] = ip6_all_routers;
		groups[count++] = ip6_site_routers;
	}
	mld_listener_set(&mld->listener, groups, count, stack_neigh_now_ms(stack));
}

static void
message_send(struct stack *stack, const struct iface *iface, const struct ip_addr *src,
	const struct ip_addr *dst, const uint8_t *message, uint32_t length)
{
	stack->neigh_counters.mld_reports++;
	stack_ip6_send(stack, iface,
		&(struct ip6_build){
			.src = src->bytes,
			.dst = dst->bytes,
			.payload_length = (uint16_t)length,
			.next_header = IP_PROTO_HOPOPT,
			.hop_limit = 1,
		},
		message, NULL);
}

/* RFC 3810 5.2.13: from a link-local address, or from nowhere while there is none. */
static struct ip_addr
report_source(const struct iface *iface)
{
	const struct ip_addr *addr = iface_addr_link_local(iface);

	return addr != NULL ? *addr : (struct ip_addr){ .family = IP_FAMILY_6 };
}

static void
report2_send(struct stack *stack, const struct iface *iface, const struct mld_report *report)
{
	const struct ip_addr src = report_source(iface);
	uint8_t message[MLD_REPORT_LENGTH_MAX];

	for (unsigned i = 0; i < report->count; i += MLD_RECORDS_MAX) {
		unsigned count = RTE_MIN(report->count - i, (unsigned)MLD_RECORDS_MAX);
		uint32_t length = mld_report2_build(message, report->records + i, count, &src);

		message_send(stack, iface, &src, &mld_routers, message, length);
	}
}

/* RFC 2710 4: a report to its group, a farewell to all routers. */
static void
report1_send(struct stack *stack, const struct iface *iface, const struct mld_report *report)
{
	const struct ip_addr src = report_source(iface);
	uint8_t message[MLD_REPORT_LENGTH_MAX];

	for (unsigned i = 0; i < report->count; i++) {
		const struct mld_record *record = &report->records[i];
		bool done = record->type == MLD_TO_INCLUDE;
		const struct ip_addr *dst = done ? &ip6_all_routers : &record->group;
		uint32_t length = mld_report1_build(message, &record->group, done, &src, dst);

		message_send(stack, iface, &src, dst, message, length);
	}
}

void
stack_mld_poll(struct stack *stack)
{
	const uint64_t now_ms = stack_neigh_now_ms(stack);
	struct mld_report report;
	struct stack_mld *mld;

	TAILQ_FOREACH (mld, &stack->mlds, entry) {
		const struct iface *iface = iface_get(stack->ifaces, mld->iface);

		/* Numbers are drawn only where they count, however often we come by. */
		while (mld_listener_next_ms(&mld->listener) <= now_ms &&
			mld_listener_tick(
				&mld->listener, now_ms, entropy_u32(&stack->entropy), &report)) {
			if (report.version == 1)
				report1_send(stack, iface, &report);
			else
				report2_send(stack, iface, &report);
		}
	}
}

uint64_t
stack_mld_next_ms(const struct stack *stack)
{
	const struct stack_mld *mld;
	uint64_t next_ms = UINT64_MAX;

	TAILQ_FOREACH (mld, &stack->mlds, entry)
		next_ms = RTE_MIN(next_ms, mld_listener_next_ms(&mld->listener));
	return next_ms;
}

void
stack_mld_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	struct stack_mld *mld = mld_find(stack, pkt_meta(pkt)->iface);
	const struct nd_envelope envelope = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst),
		hdr->hop_limit };
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct mld_query query;

	/* RFC 3810 6.2: without the router alert it is from who knows where. */
	if (pkt->nb_segs > 1 || hdr->next_header != IP_PROTO_HOPOPT ||
		!mld_router_alert_parse(hdr + 1, pkt->l3_len - IP6_HDR_LENGTH) ||
		mld_query_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &envelope, &query) < 0) {
		stack_drop(stack, pkt, DROP_mld_malformed);
		return;
	}
	if (mld != NULL) {
		stack->neigh_counters.mld_queries++;
		mld_listener_query(&mld->listener, &query, stack_neigh_now_ms(stack),
			entropy_u32(&stack->entropy));
	}
	rte_pktmbuf_free(pkt);
}

void
stack_mld_set(struct stack *stack, uint8_t robustness)
{
	stack->config.nd.mld_robustness = robustness;
	stack_mld_iface_gone(stack, IFACE_NONE);
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U))
		stack_mld_sync(stack, iface);
}

bool
stack_mld_show(const struct stack *stack, uint16_t iface, struct stack_mld_info *info)
{
	const struct stack_mld *mld = mld_find(stack, iface);

	if (mld == NULL)
		return false;
	*info = (struct stack_mld_info){
		.version = mld_listener_version(&mld->listener, stack_neigh_now_ms(stack)),
		.robustness = mld_listener_robustness(&mld->listener),
	};
	for (unsigned i = 0; i < mld->listener.count; i++) {
		if (mld->listener.groups[i].joined)
			info->groups[info->count++] = mld->listener.groups[i].addr;
	}
	return true;
}
