import { expect, test } from 'vitest';
import { bitsPerSecond } from '../../../core/units.ts';
import { namespacesOf, networkCalls, planNetwork } from '../../../lab/shaped-network.ts';

const network = planNetwork('0123abcd', ['generator', 'broker-1', 'broker-2'], bitsPerSecond(50e6));
const lines = networkCalls(network).map(({ command }) => command.join(' '));

test('every host has a separate namespace, named after the lab', () => {
  expect(namespacesOf(network)).toEqual([
    'plimsoll-0123abcd-hub',
    'plimsoll-0123abcd-generator',
    'plimsoll-0123abcd-broker-1',
    'plimsoll-0123abcd-broker-2',
  ]);
});

test('both ends of each link are shaped, so that each direction has the speed', () => {
  const shaped = lines.filter((line) => line.includes('rate 50000000bit'));
  expect(shaped).toHaveLength(2 * network.hosts.length);
  expect(shaped.filter((line) => line.startsWith('tc -n plimsoll-0123abcd-hub '))).toHaveLength(network.hosts.length);
});

test('offloading that merges or splits packets is off at both ends', () => {
  expect(lines.filter((line) => line.endsWith('tso off gso off gro off'))).toHaveLength(2 * network.hosts.length);
  expect(lines.filter((line) => line.endsWith('gso_max_segs 1'))).toHaveLength(2 * network.hosts.length);
});

test('hosts reach each other through the hub, with addresses reserved for benchmarks', () => {
  expect(network.hosts.map(({ address }) => address)).toEqual(['198.18.0.2', '198.18.1.2', '198.18.2.2']);
  expect(lines).toContain('ip -n plimsoll-0123abcd-broker-1 route add default via 198.18.1.1');
});
