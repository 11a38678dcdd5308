// Reads facts from the details of a Kafka snapshot.

import type { Reported } from '../reported.ts';

export const kafkaReported: Reported = {
  broker({ kafka }, id) {
    const disks = kafka?.logDirectories.filter(({ broker }) => broker === id) ?? [];
    const ratios = disks.flatMap(({ totalBytes: total, usableBytes: usable }) =>
      total !== undefined && usable !== undefined && total > 0n ? [1 - Number(usable) / Number(total)] : [],
    );
    return { disks, ...(ratios.length > 0 && { diskUsedRatio: Math.max(...ratios) }) };
  },

  settings({ kafka }, topic) {
    const config = kafka?.topicConfigs.find((each) => each.topic === topic);
    return {
      'min.insync.replicas': config?.minInSyncReplicas,
      'retention.ms': config?.retentionMs,
      'retention.bytes': config?.retentionBytes,
      'cleanup.policy': config?.cleanupPolicy,
    };
  },
};
