/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of path MTUs: see ip_pmtu.h. Filled by stack_pmtu.c, asked by ip4_output and ip6_output. */
#include "ip/ip_pmtu.h"

#include <string.h>

#include <rte_common.h>
#include <rte_jhash.h>

#include "wire/ip6.h"

/* A writer is done within these; one that is not says nothing. */
#define READ_TRIES 8

static uint32_t
set_of(const struct ip_pmtu *pmtu, uint16_t vrf, const struct ip_addr *dst)
{
	uint32_t words[5] = { [4] = vrf }; /* aligned, as the hash wants them */

	memcpy(words, dst->bytes, ip_addr_length(dst));
	return rte_jhash_32b(words, RTE_DIM(words), pmtu->seed) % IP_PMTU_SETS;
}

static void
words_of(const struct ip_addr *addr, uint64_t words[2])
{
	words[0] = words[1] = 0;
	memcpy(words, addr->bytes, ip_addr_length(addr));
}

static uint64_t
load64(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static uint32_t
load32(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static uint16_t
load16(const uint16_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static bool
is_for(const struct ip_pmtu_entry *entry, uint16_t vrf, const struct ip_addr *dst)
{
	uint64_t words[2];

	words_of(dst, words);
	return load32(&entry->mtu) != 0 && load16(&entry->family) == dst->family &&
		load16(&entry->vrf) == vrf && load64(&entry->dst[0]) == words[0] &&
		load64(&entry->dst[1]) == words[1];
}

/* Control alone writes: it may read what it wrote as it likes. */
static void
entry_write(struct ip_pmtu *pmtu, struct ip_pmtu_entry *entry, uint16_t vrf,
	const struct ip_addr *dst, uint32_t mtu)
{
	uint32_t sequence = entry->sequence;
	uint32_t count = pmtu->count + (mtu != 0) - (entry->mtu != 0);
	uint64_t words[2];

	words_of(dst, words);
	__atomic_store_n(&entry->sequence, sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(&entry->dst[0], words[0], __ATOMIC_RELAXED);
	__atomic_store_n(&entry->dst[1], words[1], __ATOMIC_RELAXED);
	__atomic_store_n(&entry->family, dst->family, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->vrf, vrf, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->mtu, mtu, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->sequence, sequence + 2, __ATOMIC_RELEASE);
	__atomic_store_n(&pmtu->count, count, __ATOMIC_RELAXED);
}

static void
entry_clear(struct ip_pmtu *pmtu, struct ip_pmtu_entry *entry)
{
	static const struct ip_addr none = { .family = IP_FAMILY_NONE };

	entry_write(pmtu, entry, 0, &none, 0);
}

uint32_t
ip_pmtu_insert(struct ip_pmtu *pmtu, uint16_t vrf, const struct ip_addr *dst, uint32_t mtu,
	uint64_t now_ns)
{
	struct ip_pmtu_entry *set = pmtu->entries[set_of(pmtu, vrf, dst)], *entry = &set[0];

	mtu = RTE_MAX(mtu, dst->family == IP_FAMILY_4 ? IP_PMTU_MIN4 : (uint32_t)IP6_MTU_MIN);
	for (unsigned i = 0; i < IP_PMTU_WAYS; i++) {
		if (is_for(&set[i], vrf, dst)) {
			entry = &set[i];
			/* RFC 8201 4: a message never raises it, nor makes it last longer. */
			if (mtu >= entry->mtu)
				return entry->mtu;
			break;
		}
		if (set[i].mtu == 0 || (entry->mtu != 0 && set[i].since_ns < entry->since_ns))
			entry = &set[i];
	}
	if (!is_for(entry, vrf, dst)) {
		pmtu->learned++;
		pmtu->evicted += entry->mtu != 0;
	}
	entry_write(pmtu, entry, vrf, dst, mtu);
	entry->since_ns = now_ns;
	return mtu;
}

/* Those learned so long ago. */
static void
entries_forget(struct ip_pmtu *pmtu, uint64_t now_ns, uint64_t age_ns)
{
	struct ip_pmtu_entry *entry = pmtu->entries[0];

	for (; pmtu->count > 0 && entry < pmtu->entries[IP_PMTU_SETS]; entry++) {
		if (entry->mtu != 0 && now_ns - entry->since_ns >= age_ns)
			entry_clear(pmtu, entry);
	}
}

void
ip_pmtu_expire(struct ip_pmtu *pmtu, uint64_t now_ns)
{
	entries_forget(pmtu, now_ns, IP_PMTU_TIMEOUT_NS);
}

void
ip_pmtu_flush(struct ip_pmtu *pmtu)
{
	entries_forget(pmtu, UINT64_MAX, 0);
}

void
ip_pmtu_forget(struct ip_pmtu *pmtu, uint16_t vrf)
{
	struct ip_pmtu_entry *entry = pmtu->entries[0];

	for (; pmtu->count > 0 && entry < pmtu->entries[IP_PMTU_SETS]; entry++) {
		if (entry->mtu != 0 && entry->vrf == vrf)
			entry_clear(pmtu, entry);
	}
}

bool
ip_pmtu_get(const struct ip_pmtu *pmtu, unsigned index, struct ip_pmtu_info *info)
{
	const struct ip_pmtu_entry *entry =
		&pmtu->entries[index / IP_PMTU_WAYS][index % IP_PMTU_WAYS];

	if (entry->mtu == 0)
		return false;
	*info = (struct ip_pmtu_info){
		.vrf = entry->vrf,
		.dst.family = (uint8_t)entry->family,
		.mtu = entry->mtu,
		.since_ns = entry->since_ns,
	};
	memcpy(info->dst.bytes, entry->dst, ip_addr_length(&info->dst));
	return true;
}

static uint32_t
entry_read(const struct ip_pmtu_entry *entry, uint16_t vrf, const struct ip_addr *dst)
{
	for (unsigned i = 0; i < READ_TRIES; i++) {
		uint32_t before = __atomic_load_n(&entry->sequence, __ATOMIC_ACQUIRE);
		uint32_t mtu = is_for(entry, vrf, dst) ? load32(&entry->mtu) : UINT32_MAX;

		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((before & 1) == 0 && before == load32(&entry->sequence))
			return mtu;
	}
	return UINT32_MAX;
}

uint32_t
ip_pmtu_lookup(const struct ip_pmtu *pmtu, uint16_t vrf, const struct ip_addr *dst)
{
	const struct ip_pmtu_entry *set;
	uint32_t mtu = UINT32_MAX;

	if (__atomic_load_n(&pmtu->count, __ATOMIC_RELAXED) == 0)
		return mtu;
	set = pmtu->entries[set_of(pmtu, vrf, dst)];
	for (unsigned i = 0; i < IP_PMTU_WAYS && mtu == UINT32_MAX; i++)
		mtu = entry_read(&set[i], vrf, dst);
	return mtu;
}
