// Exports protocol counters: refused connections, retransmissions, dropped datagrams.

import { kernelFields } from './kernel-fields.ts';

/** Default fields of node_exporter 1.5, and two fields of later versions (TCPOFOQueue, TCPRcvQDrop). */
export const netstat = kernelFields({
  source: '/proc/net/netstat, snmp and snmp6',
  cost: '3 reads',
  prefix: 'node_netstat_',
  names: `
    Icmp6_InErrors Icmp6_InMsgs Icmp6_OutMsgs Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs
    Ip6_InOctets Ip6_OutOctets IpExt_InOctets IpExt_OutOctets Ip_Forwarding
    TcpExt_ListenDrops TcpExt_ListenOverflows TcpExt_SyncookiesFailed TcpExt_SyncookiesRecv TcpExt_SyncookiesSent
    TcpExt_TCPOFOQueue TcpExt_TCPRcvQDrop TcpExt_TCPSynRetrans TcpExt_TCPTimeouts
    Tcp_ActiveOpens Tcp_CurrEstab Tcp_InErrs Tcp_InSegs Tcp_OutRsts Tcp_OutSegs Tcp_PassiveOpens Tcp_RetransSegs
    Udp6_InDatagrams Udp6_InErrors Udp6_NoPorts Udp6_OutDatagrams Udp6_RcvbufErrors Udp6_SndbufErrors
    UdpLite6_InErrors UdpLite_InErrors
    Udp_InDatagrams Udp_InErrors Udp_NoPorts Udp_OutDatagrams Udp_RcvbufErrors Udp_SndbufErrors
  `,
  define: (field) => ({
    type: 'untyped',
    unit: 'as the kernel counts',
    help: `${field} of /proc/net/{netstat,snmp,snmp6}.`,
  }),
  valuesIn: (reading) => reading.netstat,
  reason: 'the protocol counters could not be read',
});
