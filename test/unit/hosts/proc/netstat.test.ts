import { expect, test } from 'vitest';
import { parseNetstat, parseSnmp6 } from '../../../../hosts/proc/network.ts';

test('reads names and values from pairs of lines, including negative values', () =>
  expect(
    parseNetstat('Tcp: RtoMin MaxConn RetransSegs\nTcp: 200 -1 18446744073709551615\nUdp: NoPorts\nUdp: 7\n'),
  ).toEqual({
    Tcp_RtoMin: 200,
    Tcp_MaxConn: -1,
    Tcp_RetransSegs: 2 ** 64,
    Udp_NoPorts: 7,
  }));

test('leaves out a mismatched pair, and keeps the others', () =>
  expect(parseNetstat('Tcp: A B\nTcp: 1\nUdp: C\nUdp: 2\n')).toEqual({ Udp_C: 2 }));

test('reads one line per value for IPv6', () =>
  expect(parseSnmp6('Ip6InOctets \t12\nUdpLite6InErrors 3\nIcmp6InMsgs 4\nUdp6NoPorts 5\n')).toEqual({
    Ip6_InOctets: 12,
    UdpLite6_InErrors: 3,
    Icmp6_InMsgs: 4,
    Udp6_NoPorts: 5,
  }));
