// Changes thread counts of real Kafka brokers beyond the factor of two that they accept per change.

import { expect, test } from 'vitest';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { systemClock } from '../../../core/clock.ts';
import { inThreadSteps } from '../../../ops/kafka/settings/thread-steps.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const key = 'num.io.threads';

requires('java', 'maven').describe('Kafka', () => {
  test.each(fullMatrix ? ['4.3.1', '2.8.2'] : ['4.3.1'])(
    '%s: a thread count is raised, lowered and reset in steps',
    async (version) => {
      const io = { signal: AbortSignal.timeout(90_000) };
      await using kafka = await startKafka({ version });
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using changes = openKafkaChanges('lab', config);
      const broker = { kind: 'broker' as const, name: '1' };
      await expect(changes.alterSettings(broker, { [key]: '64' }, io)).rejects.toThrow('thread count');
      const stepped = inThreadSteps(changes, systemClock);
      for (const value of ['64', '3', undefined]) {
        await stepped.alterSettings(broker, { [key]: value }, io);
        const isSet = async () => {
          const now = (await changes.settingsOf(broker, [key], io)).get(key);
          return now?.isOwn === true ? now.value : undefined;
        };
        await expect.poll(isSet, { timeout: 10_000 }).toBe(value);
      }
    },
    120_000,
  );
});
