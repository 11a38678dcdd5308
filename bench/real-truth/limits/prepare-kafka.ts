// Sets quotas and creates the topic of a set-up. Runs inside the network namespace from which brokers are reachable.

import { Admin } from '@platformatic/kafka';
import { z } from 'zod';

export const Preparation = z.strictObject({
  bootstrap: z.array(z.string()),
  quotas: z.partialRecord(z.enum(['producer_byte_rate', 'consumer_byte_rate']), z.number()),
  topic: z.strictObject({ name: z.string(), placement: z.array(z.array(z.number())) }).optional(),
});
export type Preparation = z.infer<typeof Preparation>;

/** Small segments, so that data of a run is deleted soon. */
const topicConfigs = [
  { name: 'segment.bytes', value: String(16 * 2 ** 20) },
  { name: 'retention.bytes', value: String(64 * 2 ** 20) },
];

const [words] = process.argv.slice(2);
if (words !== undefined && import.meta.main) await prepare(Preparation.parse(JSON.parse(words)));

async function prepare({ bootstrap, quotas, topic }: Preparation): Promise<void> {
  const admin = new Admin({ clientId: 'plimsoll-bench', bootstrapBrokers: bootstrap });
  try {
    const ops = (['producer_byte_rate', 'consumer_byte_rate'] as const).flatMap((key) => {
      const value = quotas[key];
      return value === undefined ? [] : [{ key, value, remove: false as const }];
    });
    if (ops.length > 0) {
      // No name: the default of every client id.
      const entities = [{ entityType: 'client-id' as const, entityName: null }];
      await admin.alterClientQuotas({ entries: [{ entities, ops }], validateOnly: false });
    }
    if (topic !== undefined) {
      const assignments = topic.placement.map((brokers, partition) => ({ partition, brokers }));
      await admin.createTopics({ topics: [topic.name], assignments, configs: topicConfigs });
    }
  } finally {
    await admin.close();
  }
}
