import { expect, test } from 'vitest';
import { parseBonding } from '../../../../hosts/proc/bonding.ts';

const member = (name: string, state: string) => `\nSlave Interface: ${name}\nMII Status: ${state}\nSpeed: 10000 Mbps\n`;

test('the active member comes first, those that are down carry nothing', () =>
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

test('a bond without members has none, and what is no bond is none', () => {
  const bond = parseBonding('bond1', 'Bonding Mode: load balancing (xor)\nMII Status: down\n');
  expect(bond).toMatchObject({ members: 0, membersUp: 0, carriers: [] });
  expect(parseBonding('bond1', 'something else\n')).toBeUndefined();
});
