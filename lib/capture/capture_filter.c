/* SPDX-License-Identifier: BSD-3-Clause */
/* A filter expression, compiled and run by libpcap. Not by DPDK's BPF: rte_bpf_convert() of 22.11
 * takes the wrong register for indirect loads, so that "udp port 53" matches nothing. */
#include "capture/capture_priv.h"

#include <rte_mbuf.h>

#include "wire/filter_words.h"

int
capture_filter_load(
	const char *expression, uint32_t snaplen, struct bpf_program *filter, struct error *err)
{
	pcap_t *pcap;
	int rc;

	*filter = (struct bpf_program){ 0 };
	if (expression[0] == '\0')
		return 0;
	rc = filter_words_check(expression, err);
	if (rc < 0)
		return rc;
	pcap = pcap_open_dead(DLT_EN10MB, (int)snaplen);
	if (pcap == NULL)
		return error_set(err, ENOMEM, "no memory for a filter");
	if (pcap_compile(pcap, filter, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
		rc = error_set(err, EINVAL, "\"%s\" is no filter: %s (see pcap-filter(7))",
			expression, pcap_geterr(pcap));
	pcap_close(pcap);
	return rc;
}

/* What a filter asks for stands in the headers, and they in the first segment. */
bool
capture_filter_match(const struct bpf_program *filter, const struct rte_mbuf *pkt)
{
	return bpf_filter(filter->bf_insns, rte_pktmbuf_mtod(pkt, const u_char *), pkt->pkt_len,
		       pkt->data_len) != 0;
}
