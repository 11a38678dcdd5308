import { expect, test } from 'vitest';
import { parseFibTrie, parseIfInet6 } from '../../../../hosts/proc/local-addresses.ts';

const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.0.0.0/24 2 0 2
        |-- 10.0.0.0
           /24 link UNICAST
        |-- 10.0.0.5
           /32 host LOCAL
        |-- 10.0.0.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
        |-- 10.0.0.5
           /32 host LOCAL
`;

test('separates addresses of the host from networks and broadcasts', () => {
  expect(parseFibTrie(fibTrie)).toEqual(['10.0.0.5', '127.0.0.1']);
  expect(parseFibTrie(fibTrie.slice(0, 150))).toEqual([]);
});

test('shortens IPv6 addresses', () => {
  expect(
    parseIfInet6(
      '00000000000000000000000000000001 01 80 10 80       lo\nfe80000000000000020000fffe000001 02 40 20 80     eth0\ncut',
    ),
  ).toEqual([
    { address: '::1', device: 'lo' },
    { address: 'fe80::200:ff:fe00:1', device: 'eth0' },
  ]);
});
