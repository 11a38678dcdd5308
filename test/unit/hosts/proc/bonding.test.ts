import { describe, expect, test } from 'vitest';
import { linkCapacities } from '../../../../hosts/link-capacity.ts';
import { parseBonding } from '../../../../hosts/proc/bonding.ts';

const member = (name: string, state: string) => `\nSlave Interface: ${name}\nMII Status: ${state}\nSpeed: 10000 Mbps\n`;
const knownSpeeds = ['eth0', 'eth1'].map((device) => ({ device, speed: { bitsPerSecond: 1e10, source: 'sysfs' } }));

test('lists the active member first, and no members that are down', () =>
  expect(
    parseBonding(
      'bond0',
      `Bonding Mode: fault-tolerance (active-backup)\nCurrently Active Slave: eth2\nMII Status: up\n${member('eth0', 'up')}${member('eth1', 'down')}${member('eth2', 'up')}`,
    ),
  ).toEqual({
    device: 'bond0',
    members: 3,
    membersUp: 2,
    mode: 'fault-tolerance (active-backup)',
    carriers: ['eth2', 'eth0'],
  }));

describe('with LACP', () => {
  const carriersOf = (aggregators: readonly string[], active?: string) =>
    parseBonding(
      'bond0',
      `Bonding Mode: IEEE 802.3ad Dynamic link aggregation\nMII Status: up\n${aggregators.map((id, at) => `${member(`eth${at}`, 'up')}Aggregator ID: ${id}\n`).join('')}`,
      active,
    );

  test('members in another aggregator than the active one carry no traffic', () =>
    expect(carriersOf(['1', '2', '1'], '1\n')).toMatchObject({ membersUp: 3, carriers: ['eth0', 'eth2'] }));

  test('carriers are unknown if aggregators differ and the active one is unknown', () => {
    const bond = carriersOf(['1', '2']);
    expect(bond).not.toHaveProperty('carriers');
    expect(linkCapacities({ knownSpeeds }, { bonds: bond && [bond] }).has('bond0')).toBe(false);
  });

  test('all members in one aggregator carry traffic', () =>
    expect(carriersOf(['3', '3'])).toMatchObject({ carriers: ['eth0', 'eth1'] }));
});

test('a bond without members has no carriers, and other text is not a bond', () => {
  const bond = parseBonding('bond1', 'Bonding Mode: load balancing (xor)\nMII Status: down\n');
  expect(bond).toMatchObject({ members: 0, membersUp: 0, carriers: [] });
  expect(parseBonding('bond1', 'something else\n')).toBeUndefined();
});
