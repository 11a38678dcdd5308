// Exports protocol counters: refused connections, retransmissions, dropped datagrams.

import type { HostCollector } from '../../collector.ts';
import { kernelFields } from './kernel-fields.ts';

/** What node_exporter 1.5 keeps by default, and two fields that later ones added (TCPOFOQueue, TCPRcvQDrop). */
const { metrics, measure } = kernelFields(
  'node_netstat_',
  `
    Icmp6_InErrors Icmp6_InMsgs Icmp6_OutMsgs Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs
    Ip6_InOctets Ip6_OutOctets IpExt_InOctets IpExt_OutOctets Ip_Forwarding
    TcpExt_ListenDrops TcpExt_ListenOverflows TcpExt_SyncookiesFailed TcpExt_SyncookiesRecv TcpExt_SyncookiesSent
    TcpExt_TCPOFOQueue TcpExt_TCPRcvQDrop TcpExt_TCPSynRetrans TcpExt_TCPTimeouts
    Tcp_ActiveOpens Tcp_CurrEstab Tcp_InErrs Tcp_InSegs Tcp_OutRsts Tcp_OutSegs Tcp_PassiveOpens Tcp_RetransSegs
    Udp6_InDatagrams Udp6_InErrors Udp6_NoPorts Udp6_OutDatagrams Udp6_RcvbufErrors Udp6_SndbufErrors
    UdpLite6_InErrors UdpLite_InErrors
    Udp_InDatagrams Udp_InErrors Udp_NoPorts Udp_OutDatagrams Udp_RcvbufErrors Udp_SndbufErrors
  `,
  (field) => ({ type: 'untyped', unit: 'as the kernel counts', help: `${field} of /proc/net/{netstat,snmp,snmp6}.` }),
);

export const netstat = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/netstat, snmp and snmp6',
  cost: '3 reads',
  metrics,

  collect({ reading: { netstat: counters } }) {
    if (counters === undefined) return { kind: 'no-data', reason: 'the protocol counters could not be read' };
    return { kind: 'ok', measurements: measure(counters) };
  },
} satisfies HostCollector;
