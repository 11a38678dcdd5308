// Exports open sockets and their memory.

import type { HostCollector } from '../../collector.ts';
import { kernelFields } from './kernel-fields.ts';

const { metrics, measure } = kernelFields(
  'node_sockstat_',
  `
    sockets_used TCP_inuse TCP_orphan TCP_tw TCP_alloc TCP_mem TCP_mem_bytes TCP6_inuse
    UDP_inuse UDP_mem UDP_mem_bytes UDP6_inuse UDPLITE_inuse UDPLITE6_inuse
    RAW_inuse RAW6_inuse FRAG_inuse FRAG_memory FRAG6_inuse FRAG6_memory
  `,
  (field) => ({
    type: 'gauge',
    unit: field.endsWith('_mem') ? 'pages' : field.endsWith('_memory') ? 'bytes' : 'sockets',
    help: `${field} of /proc/net/sockstat and sockstat6.`,
  }),
);

export const sockstat = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/sockstat and sockstat6',
  cost: '2 reads',
  metrics,

  collect({ reading: { sockstat: sockets } }) {
    if (sockets === undefined) return { kind: 'no-data', reason: 'the sockets could not be counted' };
    return { kind: 'ok', measurements: measure(sockets) };
  },
} satisfies HostCollector;
