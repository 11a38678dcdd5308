// Exports the configured and active members of bonded network interfaces.

import type { HostCollector } from '../../collector.ts';
import { ifRead } from './if-read.ts';

export const bonding = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/bonding',
  cost: '1 read a bond',
  metrics: {
    node_bonding_slaves: { type: 'gauge', unit: 'cards', help: 'Cards of the bond.', labels: ['master'] },
    node_bonding_active: { type: 'gauge', unit: 'cards', help: 'Cards of the bond that are up.', labels: ['master'] },
  },

  collect: ({ reading }) =>
    ifRead(reading.bonds, 'the bonds could not be listed', (bonds) =>
      bonds.flatMap(({ device, members, membersUp }) => [
        { metric: 'node_bonding_slaves', labels: [device], value: members },
        { metric: 'node_bonding_active', labels: [device], value: membersUp },
      ]),
    ),
} satisfies HostCollector;
