// Exports the sizes in /proc/meminfo.

import { known, type HostCollector, type Measurement, type MetricDefinition } from '../../collector.ts';
import { ifRead } from './if-read.ts';

/** Size fields of /proc/meminfo, as of Linux 6.18. Fields that a kernel lacks have no series. */
const fields = `
  MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon)
  Active(file) Inactive(file) Unevictable Mlocked SwapTotal SwapFree Zswap Zswapped Dirty Writeback AnonPages
  Mapped Shmem KReclaimable Slab SReclaimable SUnreclaim KernelStack PageTables SecPageTables NFS_Unstable
  Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu HardwareCorrupted
  AnonHugePages ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped CmaTotal CmaFree Unaccepted Balloon
  Hugepagesize Hugetlb DirectMap4k DirectMap2M DirectMap4M DirectMap1G
`
  .trim()
  .split(/\s+/);

/** `Active(anon)` becomes node_memory_Active_anon_bytes. */
const metricOf = (field: string) => `node_memory_${field.replace('(', '_').replace(')', '')}_bytes`;

const hugePageFields = ['HugePages_Total', 'HugePages_Free', 'HugePages_Rsvd', 'HugePages_Surp'];

const metrics: Record<string, MetricDefinition> = Object.fromEntries([
  ...fields.map((field) => [
    metricOf(field),
    { type: 'gauge', help: `${field} of /proc/meminfo, in bytes.`, labels: [] },
  ]),
  ...hugePageFields.map((field) => [
    `node_memory_${field}`,
    { type: 'gauge', unit: 'pages', help: `${field} of /proc/meminfo, of Hugepagesize each.`, labels: [] },
  ]),
]);

export const meminfo = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/meminfo',
  cost: '1 read',
  metrics,

  collect: ({ reading: { memoryBytes, hugePages } }) =>
    ifRead(memoryBytes, 'the memory figures could not be read', (bytes) => sizesOf(bytes, hugePages)),
} satisfies HostCollector;

function* sizesOf(
  memoryBytes: Readonly<Record<string, number>>,
  hugePages: Readonly<Record<string, number>> = {},
): Iterable<Measurement> {
  for (const field of fields) yield* known(metricOf(field), [], memoryBytes[field]);
  for (const field of hugePageFields) yield* known(`node_memory_${field}`, [], hugePages[field]);
}
