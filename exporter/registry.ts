// Which collectors exist? One line each; metrics, their success and docs/metrics.md take their names from these keys.

import type { Collector } from './collector.ts';
import { brokers } from './collectors/brokers.ts';
import { consumerGroups } from './collectors/consumer-groups.ts';
import { cpu } from './collectors/cpu.ts';
import { diskstats } from './collectors/diskstats.ts';
import { loadavg } from './collectors/loadavg.ts';
import { meminfo } from './collectors/meminfo.ts';
import { netclass } from './collectors/netclass.ts';
import { netdev } from './collectors/netdev.ts';
import { offsets } from './collectors/offsets.ts';
import { partitions } from './collectors/partitions.ts';
import { pressure } from './collectors/pressure.ts';

export const collectors = {
  brokers,
  partitions,
  offsets,
  'consumer-groups': consumerGroups,
  cpu,
  loadavg,
  meminfo,
  diskstats,
  netdev,
  netclass,
  pressure,
} satisfies Record<string, Collector>;

export type CollectorName = keyof typeof collectors;
