// Exports open sockets and their memory.

import { kernelFields } from './kernel-fields.ts';

export const sockstat = kernelFields({
  source: '/proc/net/sockstat and sockstat6',
  cost: '2 reads',
  prefix: 'node_sockstat_',
  names: `
    sockets_used TCP_inuse TCP_orphan TCP_tw TCP_alloc TCP_mem TCP_mem_bytes TCP6_inuse
    UDP_inuse UDP_mem UDP_mem_bytes UDP6_inuse UDPLITE_inuse UDPLITE6_inuse
    RAW_inuse RAW6_inuse FRAG_inuse FRAG_memory FRAG6_inuse FRAG6_memory
  `,
  define: (field) => ({
    type: 'gauge',
    unit: field.endsWith('_mem') ? 'pages' : field.endsWith('_memory') ? 'bytes' : 'sockets',
    help: `${field} of /proc/net/sockstat and sockstat6.`,
  }),
  valuesIn: (reading) => reading.sockstat,
  reason: 'the sockets could not be counted',
});
