import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const sizes = [1, 3] as const;
const cases = ['4.3.1', '3.9.2', '2.8.2'].flatMap((version) => sizes.map((brokers) => ({ version, brokers })));

requires('java', 'maven').describe('a lab that is up', () => {
  test.each(fullMatrix ? cases : [{ version: '2.8.2', brokers: 1 as const }])(
    'Kafka $version with $brokers broker(s): each broker lists all of them',
    async ({ version, brokers }) => {
      await using kafka = await startKafka({ version, brokers });
      const signal = AbortSignal.timeout(60_000);
      const known = kafka.bootstrap.map(async (address) => {
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [address] });
        await using inspector = await kafkaDriver.inspect('lab', config, { signal });
        return (await inspector.describe({ signal })).brokers.map(({ id }) => id).toSorted();
      });
      const ids = kafka.brokers.map(({ id }) => id);
      expect(await Promise.all(known)).toEqual(ids.map(() => ids));
    },
  );
});
