/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses of one interface, on a copy that is not published yet. Control thread. */
#include "iface/iface.h"

#include "iface/iface_addr.h"
#include "wire/ip4.h"

static uint8_t
byte_host_mask(const struct ip_prefix *prefix, unsigned byte)
{
	unsigned first_bit = byte * 8;

	if (prefix->length <= first_bit)
		return 0xff;
	return prefix->length >= first_bit + 8 ? 0 : 0xff >> (prefix->length - first_bit);
}

/* Whether the bits beyond the prefix are all 0 (value 0) or all 1 (value 0xff). */
static bool
host_bits_are(const struct ip_prefix *prefix, uint8_t value)
{
	for (unsigned i = 0; i < ip_addr_length(&prefix->addr); i++) {
		uint8_t mask = byte_host_mask(prefix, i);

		if ((prefix->addr.bytes[i] & mask) != (value & mask))
			return false;
	}
	return true;
}

/* Why an interface cannot have this address, or NULL. */
static const char *
addr_offence(const struct ip_prefix *prefix)
{
	const struct ip_addr *addr = &prefix->addr;
	unsigned bits = ip_addr_bits(addr);
	uint32_t addr_be;

	if (addr->family != IP_FAMILY_4 && addr->family != IP_FAMILY_6)
		return "it has no family";
	if (prefix->length == 0 || prefix->length > bits)
		return "its prefix length is out of range";
	if (ip_addr_is_unspecified(addr))
		return "it is the unspecified address";
	if (ip_addr_is_multicast(addr))
		return "it is a multicast address";
	if (ip_addr_is_loopback(addr))
		return "loopback addresses never leave a host";
	memcpy(&addr_be, addr->bytes, sizeof(addr_be));
	if (addr->family == IP_FAMILY_4 && (ip4_class(addr_be) & IP4_CLASS_NOT_SRC) != 0)
		return "it can't be a source address";
	/* RFC 3021 and RFC 6164: /31 and /127 have neither; RFC 4291 2.6.1: anycast of routers. */
	if (prefix->length + 1U < bits && host_bits_are(prefix, 0))
		return "it is the address of the network itself";
	if (addr->family == IP_FAMILY_4 && prefix->length + 1U < bits &&
		host_bits_are(prefix, 0xff))
		return "it is the broadcast address of its network";
	return NULL;
}

const char *
iface_addr_state_name(enum iface_addr_state state)
{
	static const char *const names[] = {
		[IFACE_ADDR_PREFERRED] = "preferred",
		[IFACE_ADDR_DEPRECATED] = "deprecated",
		[IFACE_ADDR_TENTATIVE] = "tentative",
		[IFACE_ADDR_DUPLICATE] = "dadfailed",
	};

	return names[state];
}

int
iface_addr_find(const struct iface *iface, const struct ip_addr *addr)
{
	for (int i = 0; i < iface->addr_count; i++) {
		if (ip_addr_equal(&iface->addrs[i].addr, addr))
			return i;
	}
	return -1;
}

int
iface_addr_add(struct iface *iface, const struct ip_prefix *addr, struct error *err)
{
	const char *offence = addr_offence(addr);
	char text[IP_TEXT_MAX];
	int index;

	if (offence != NULL)
		return error_set(err, EINVAL, "%s can't be an interface's address: %s",
			ip_prefix_format(addr, text), offence);
	index = iface_addr_find(iface, &addr->addr);
	if (index >= 0)
		return error_set(err, EEXIST, "%s has %s already", iface->name,
			ip_prefix_format(&iface->addrs[index], text));
	if (iface->addr_count == IFACE_ADDR_MAX)
		return error_set(err, ENOSPC, "%s has %u addresses already, the most it can have",
			iface->name, IFACE_ADDR_MAX);
	iface->addr_states[iface->addr_count] = IFACE_ADDR_PREFERRED;
	iface->addr_origins[iface->addr_count] = IFACE_ADDR_MANUAL;
	iface->addrs[iface->addr_count++] = *addr;
	iface_sources_update(iface);
	return 0;
}

int
iface_addr_remove(struct iface *iface, const struct ip_prefix *addr, struct error *err)
{
	int index = iface_addr_find(iface, &addr->addr);
	char text[IP_TEXT_MAX];

	if (index < 0)
		return error_set(err, ENOENT, "%s has no address %s", iface->name,
			ip_addr_format(&addr->addr, text));
	if (iface->addrs[index].length != addr->length)
		return error_set(err, ENOENT, "the address of %s is %s", iface->name,
			ip_prefix_format(&iface->addrs[index], text));
	/* In their order: the first one is the source of errors. */
	iface->addr_count--;
	memmove(&iface->addrs[index], &iface->addrs[index + 1],
		(size_t)(iface->addr_count - index) * sizeof(iface->addrs[0]));
	memmove(&iface->addr_states[index], &iface->addr_states[index + 1],
		(size_t)(iface->addr_count - index));
	memmove(&iface->addr_origins[index], &iface->addr_origins[index + 1],
		(size_t)(iface->addr_count - index));
	iface_sources_update(iface);
	return 0;
}

const struct ip_prefix *
iface_addr_covering(const struct iface *iface, const struct ip_addr *addr)
{
	const struct ip_prefix *best = NULL;

	for (unsigned i = 0; i < iface->addr_count; i++) {
		const struct ip_prefix *prefix = &iface->addrs[i];

		if (iface_addr_is_usable(iface, i) && ip_prefix_contains(prefix, addr) &&
			(best == NULL || prefix->length > best->length))
			best = prefix;
	}
	return best;
}

bool
iface_addr_is_host(const struct iface *iface, const struct ip_addr *addr)
{
	const struct ip_prefix *subnet = iface_addr_covering(iface, addr);

	return subnet != NULL && addr_offence(&(struct ip_prefix){ *addr, subnet->length }) == NULL;
}

bool
iface_addr_anycast(const struct ip_prefix *addr, struct ip_addr *anycast)
{
	if (addr->addr.family != IP_FAMILY_6 || addr->length > 126 ||
		ip_addr_is_link_local(&addr->addr))
		return false;
	*anycast = ip_prefix_network(addr).addr;
	return !ip_addr_is_unspecified(anycast);
}

bool
iface_addr_is_anycast(const struct iface *iface, const struct ip_addr *addr)
{
	struct ip_addr anycast;

	for (unsigned i = 0; i < iface->addr_count; i++) {
		if (iface_addr_anycast(&iface->addrs[i], &anycast) && ip_addr_equal(&anycast, addr))
			return true;
	}
	return false;
}

const struct ip_addr *
iface_addr_link_local(const struct iface *iface)
{
	for (unsigned i = 0; i < iface->addr_count; i++) {
		const struct ip_addr *addr = &iface->addrs[i].addr;

		if (addr->family == IP_FAMILY_6 && ip_addr_is_link_local(addr) &&
			iface_addr_is_usable(iface, i))
			return addr;
	}
	return NULL;
}

bool
iface_addr_is_own(const struct iface *iface, const struct ip_addr *addr)
{
	int index = iface_addr_find(iface, addr);

	return index >= 0 && iface_addr_is_usable(iface, (unsigned)index);
}

void
iface_addr_state_set(struct iface *iface, int index, enum iface_addr_state state)
{
	iface->addr_states[index] = (uint8_t)state;
	iface_sources_update(iface);
}

/* As the source of errors: deprecated and link-local ones only if there is no better one. */
static unsigned
source_rank(const struct iface *iface, unsigned index)
{
	const struct ip_addr *addr = &iface->addrs[index].addr;

	return (addr->family == IP_FAMILY_6 && ip_addr_is_link_local(addr) ? 2 : 0) +
		(iface->addr_states[index] == IFACE_ADDR_DEPRECATED ? 1 : 0);
}

void
iface_sources_update(struct iface *iface)
{
	static const struct ip_addr none = { .family = IP_FAMILY_NONE };
	int source4 = -1, source6 = -1;

	for (int i = 0; i < iface->addr_count; i++) {
		int *best = iface->addrs[i].addr.family == IP_FAMILY_4 ? &source4 : &source6;

		if (iface_addr_is_usable(iface, (unsigned)i) &&
			(*best < 0 ||
				source_rank(iface, (unsigned)i) <
					source_rank(iface, (unsigned)*best)))
			*best = i;
	}
	iface->source4 = source4 >= 0 ? iface->addrs[source4].addr : none;
	iface->source6 = source6 >= 0 ? iface->addrs[source6].addr : none;
}
