import { expect, test } from 'vitest';
import type { Bond, NetworkDevice } from '../../../../../core/documents/evidence/host-reading.ts';
import { linkCapacities } from '../../../../../hosts/link-capacity.ts';
import { useBetween } from '../../../../../exporter/collectors/hosts/link-use.ts';

const gigabit = { bitsPerSecond: 1e9, source: 'sysfs' };
const both = (speed: number) => ({ receive: speed, transmit: speed });
const knownSpeeds = [
  { device: 'eth0', speed: gigabit },
  { device: 'eth1', speed: gigabit },
];
const bond = (mode: string, carriers: string[]): Bond => ({
  device: 'bond0',
  members: 2,
  membersUp: carriers.length,
  mode,
  carriers,
});
const capacityOf = (mode: string, carriers: string[]) =>
  linkCapacities({ knownSpeeds }, { bonds: [bond(mode, carriers)] }).get('bond0');

test.each([
  ['IEEE 802.3ad Dynamic link aggregation', ['eth0', 'eth1'], both(2e9)],
  ['IEEE 802.3ad Dynamic link aggregation', ['eth1'], both(1e9)],
  ['fault-tolerance (active-backup)', ['eth0', 'eth1'], both(1e9)],
  ['transmit load balancing', ['eth0', 'eth1'], { receive: 1e9, transmit: 2e9 }],
  ['fault-tolerance (broadcast)', ['eth0', 'eth1'], { receive: 2e9, transmit: 1e9 }],
  ['IEEE 802.3ad Dynamic link aggregation', ['eth0', 'tap3'], undefined],
  ['fault-tolerance (active-backup)', [], undefined],
])('a bond of mode %s with carriers %j has capacity %j', (mode, carriers, capacity) =>
  expect(capacityOf(mode, carriers)).toEqual(capacity),
);

const link = (device: string, ifindex: number, iflink: number, kind?: string) => ({
  device,
  ...(kind !== undefined && { kind }),
  words: {},
  numbers: { ifindex, iflink },
});

test('a VLAN has the capacity of the card below it, and that of a veth is unknown', () => {
  const links = [link('bond0', 4, 4, 'bond'), link('bond0.7', 5, 4, 'vlan'), link('veth1', 6, 4)];
  const bonds = [bond('fault-tolerance (active-backup)', ['eth0'])];
  const capacities = linkCapacities({ knownSpeeds }, { bonds, links });
  expect(capacities.get('bond0.7')).toEqual(both(1e9));
  expect(capacities.has('veth1')).toBe(false);
});

test('VLANs that refer to each other have no known capacity', () => {
  const links = [link('a', 1, 2, 'vlan'), link('b', 2, 1, 'vlan')];
  expect(linkCapacities({}, { links }).size).toBe(0);
});

test('a configured speed has precedence over that of the driver', () => {
  const stated = { bitsPerSecond: 5e7, source: 'config' };
  const inventory = { knownSpeeds, networkDevices: [{ device: 'eth0', speed: stated }] };
  expect(linkCapacities(inventory, {}).get('eth0')).toEqual(both(5e7));
});

const card = (bytes: number, packets: number): NetworkDevice => ({
  device: 'eth0',
  receiveBytes: bytes,
  receivePackets: packets,
  receiveErrors: 0,
  receiveDrops: 0,
  transmitBytes: 0,
  transmitPackets: 0,
  transmitErrors: 0,
  transmitDrops: 0,
});
const use = (from: NetworkDevice, to: NetworkDevice, seconds = 10) =>
  useBetween(
    { uptimeSeconds: 100, networkDevices: [from] },
    { uptimeSeconds: 100 + seconds, networkDevices: [to] },
    new Map([['eth0', both(1e9)]]),
  );

test('full-size frames at line rate saturate the link, including headers and gaps', () => {
  // 1538 bytes on the wire for each 1514 that are counted: 812,744 frames in 10 s at 1 Gbit/s.
  const frames = 812_744;
  expect(use(card(0, 0), card(frames * 1514, frames))[0]?.ratio).toBeCloseTo(1, 5);
});

test('a card that was reset or is new, or zero elapsed time, yields no ratio', () => {
  expect(use(card(100, 5), card(50, 5)).map(({ direction }) => direction)).toEqual(['transmit']);
  expect(use(card(0, 0), { ...card(9, 9), device: 'eth9' })).toEqual([]);
  expect(use(card(0, 0), card(9, 9), 0)).toEqual([]);
});
