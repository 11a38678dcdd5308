import { afterAll, beforeAll, describe } from 'vitest';
import { clientNames } from '../../brokers/kafka/config.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { conformsAsKafkaClient } from './kafka-client.ts';

/** Version to start, and the release line that its API versions indicate. */
const releases = { '4.3.1': '4.3+', ...(fullMatrix ? { '3.9.2': '3.9', '2.8.2': '2.8' } : {}) };

for (const [version, release] of Object.entries(releases)) {
  requires('java', 'maven').describe(`Kafka ${version}`, () => {
    let kafka: RunningKafka;

    beforeAll(async () => {
      kafka = await startKafka({ version });
    });
    afterAll(async () => kafka[Symbol.asyncDispose]());

    for (const client of clientNames) {
      describe(client, () => conformsAsKafkaClient(client, () => ({ bootstrap: kafka.bootstrap, release })));
    }
  });
}
