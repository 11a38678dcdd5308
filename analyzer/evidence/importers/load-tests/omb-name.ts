// Parses message size and rate from OpenMessaging Benchmark workload names, the only source in early results.

import type { BrokerKind } from '../../../../core/cluster.ts';
import type { Workload } from '../../../../core/documents/run-bundle.ts';

/** `1 topic / 100 partitions / 2 producer / 2 consumer / 1Kb / 700K Rate`, `100-partitions-200K-rate-4-producer`. */
export function readWorkloadName(name: string): { offeredTps?: number; workload: Partial<Workload> } {
  const prefix = name.slice(0, 300);
  const rate = /(\d{1,9}(?:\.\d{1,3})?)([KM]?)[ _-]?rate/i.exec(prefix);
  const size = /(\d{1,9}(?:\.\d{1,3})?) ?(kb|b)(?![a-z])/i.exec(prefix);
  const partitions = /(\d{1,6})[ _-]partitions?/i.exec(prefix);
  const topics = /(\d{1,6})[ _-]topics?/i.exec(prefix);
  const factors: Readonly<Record<string, number>> = { '': 1, K: 1000, M: 1e6 };
  const offeredTps = rate && Number(rate[1]) * (factors[rate[2]?.toUpperCase() ?? ''] ?? 1);
  const messageBytes = size && Math.round(Number(size[1]) * (size[2]?.toLowerCase() === 'kb' ? 1024 : 1));
  return {
    ...(offeredTps && { offeredTps }),
    workload: {
      ...(messageBytes && { messageBytes }),
      ...(partitions &&
        Number(partitions[1]) > 0 && { partitions: Number(partitions[1]) * Math.max(1, Number(topics?.[1] ?? 1)) }),
    },
  };
}

/** Returns a kind only for drivers of supported brokers. */
export function brokerOfDriver(driver: string | undefined): BrokerKind | undefined {
  if (driver === undefined) return undefined;
  if (/rocketmq/i.test(driver)) return 'rocketmq';
  return /kafka/i.test(driver) ? 'kafka' : undefined;
}
