import { expect, test } from 'vitest';
import { chooseCards, parseSpeed, speedOf, trafficCards, type NetworkCard } from '../../../hosts/nic-speed.ts';

const card = (over: Partial<NetworkCard>): NetworkCard => ({
  device: 'eth0',
  isPhysical: true,
  isVirtualFunction: false,
  driver: 'ixgbe',
  reportedBitsPerSecond: 1e10,
  ...over,
});

test("uses the driver's speed of a physical card", () =>
  expect(speedOf(card({}), undefined)).toEqual({ bitsPerSecond: 1e10, source: 'sysfs' }));

test.each(['virtio_net', 'vmxnet3', 'hv_netvsc', 'ena', 'gve', 'ixgbevf', 'i40evf', 'e1000'])(
  'ignores the speed of %s, which is not a line rate',
  (driver) => expect(speedOf(card({ driver }), undefined)).toBeUndefined(),
);

test('ignores the speed of a card without a bus device, such as veth', () =>
  expect(speedOf(card({ isPhysical: false }), undefined)).toBeUndefined());

test('ignores the speed of a virtual function, which shares its port', () =>
  expect(speedOf(card({ isVirtualFunction: true }), undefined)).toBeUndefined());

test('a configured speed has precedence over everything else', () => {
  const stated = { bitsPerSecond: 5e7, source: 'config: tbf' };
  expect(speedOf(card({}), stated)).toEqual(stated);
  expect(speedOf(card({ isPhysical: false }), stated)).toEqual(stated);
});

test.each(['-1\n', '0\n', '65535\n', '4294967295\n', '', '100'])('%j is not a speed', (text) =>
  expect(parseSpeed(text)).toBeUndefined(),
);

test('reads megabits', () => expect(parseSpeed('25000\n')).toBe(25e9));

const names = (...cards: NetworkCard[]) => trafficCards(cards).map(({ device }) => device);
const software = (device: string) => card({ device, isPhysical: false });

test('counts traffic of physical cards, not of the bond or bridge that would count it again', () =>
  expect(names(software('lo'), card({ device: 'eth0' }), card({ device: 'eth1' }), software('bond0'))).toEqual([
    'eth0',
    'eth1',
  ]));

test('a card below another physical card counts there, and a card in a bond counts itself', () => {
  expect(names(card({ device: 'eth0' }), card({ device: 'enP1s1', master: 'eth0' }))).toEqual(['eth0']);
  expect(names(card({ device: 'eth0', master: 'bond0' }), software('bond0'))).toEqual(['eth0']);
});

test('a card without a cable is left out unless the config names it', () => {
  const cards = [card({ device: 'eno1' }), card({ device: 'eno2', isDown: true })];
  expect(names(...cards)).toEqual(['eno1']);
  expect(chooseCards(cards, ['eno2'])).toEqual([cards[1]]);
});

test('without physical cards, as in a container, all cards but the loopback count', () =>
  expect(names(software('lo'), software('eth0'))).toEqual(['eth0']));
