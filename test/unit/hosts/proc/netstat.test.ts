import { expect, test } from 'vitest';
import { parseNetstat, parseSnmp6 } from '../../../../hosts/proc/netstat.ts';

test('names and values stand in pairs of lines, some below 0', () =>
  expect(
    parseNetstat('Tcp: RtoMin MaxConn RetransSegs\nTcp: 200 -1 18446744073709551615\nUdp: NoPorts\nUdp: 7\n'),
  ).toEqual({
    Tcp_RtoMin: 200,
    Tcp_MaxConn: -1,
    Tcp_RetransSegs: 2 ** 64,
    Udp_NoPorts: 7,
  }));

test('a pair that does not match is left out, the others stay', () =>
  expect(parseNetstat('Tcp: A B\nTcp: 1\nUdp: C\nUdp: 2\n')).toEqual({ Udp_C: 2 }));

test('IPv6 has a line for each figure', () =>
  expect(parseSnmp6('Ip6InOctets \t12\nUdpLite6InErrors 3\nIcmp6InMsgs 4\nUdp6NoPorts 5\n')).toEqual({
    Ip6_InOctets: 12,
    UdpLite6_InErrors: 3,
    Icmp6_InMsgs: 4,
    Udp6_NoPorts: 5,
  }));
