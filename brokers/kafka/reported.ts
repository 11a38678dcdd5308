// Reads facts from the details of a Kafka snapshot.

import { defined } from '../../core/defined.ts';
import type { Details, Reported } from '../reported.ts';
import { internalsCounters, internalsReading } from './figures/internals-reading.ts';

export const kafkaReported: Reported = {
  cluster: ({ kafka }) => kafka ?? {},

  broker(snapshot, id) {
    const directories = directoriesOf(snapshot, id);
    const ratios = directories.flatMap(({ totalBytes, usableBytes }) =>
      totalBytes !== undefined && usableBytes !== undefined && totalBytes > 0n
        ? [1 - Number(usableBytes) / Number(totalBytes)]
        : [],
    );
    const diskUsedRatio = ratios.length === 0 ? undefined : Math.max(...ratios);
    const internals = internalsOf(snapshot, id);
    // The heap needs no reading time.
    const heapUsedRatio = internals && internalsReading(internals, 0).figures.heapUsedRatio;
    return defined({ logDirectories: directories, diskUsedRatio, heapUsedRatio });
  },

  storedBytes({ kafka }, id) {
    const sizes = kafka?.topicSizes.filter(({ broker }) => broker === id) ?? [];
    return sizes.length > 0 ? sizes.reduce((sum, { bytes }) => sum + bytes, 0n) : undefined;
  },

  disks: directoriesOf,

  counters(snapshot, id) {
    const internals = internalsOf(snapshot, id);
    return internals && { section: 'internals', counted: internalsCounters(internals) };
  },

  topics: () => new Map(),

  topicBytes({ kafka }) {
    const stored = new Map<string, number>();
    for (const { topic, bytes } of kafka?.topicSizes ?? []) stored.set(topic, (stored.get(topic) ?? 0) + Number(bytes));
    return stored;
  },

  topicConfigs: ({ kafka }) => kafka?.topicConfigs,

  settings({ kafka }, topic) {
    const config = kafka?.topicConfigs.find((each) => each.topic === topic);
    return {
      'min.insync.replicas': config?.minInSyncReplicas,
      'retention.ms': config?.retentionMs,
      'retention.bytes': config?.retentionBytes,
      'cleanup.policy': config?.cleanupPolicy,
    };
  },

  group: () => undefined,
};

function directoriesOf({ kafka }: Details, id: string) {
  return kafka?.logDirectories.filter(({ broker }) => broker === id) ?? [];
}

const internalsOf = ({ kafka }: Details, id: string) => kafka?.internals.find(({ broker }) => broker === id);
