// Moves the offsets of a group of a real Kafka, and compares them with Kafka's own tool.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { openKafkaGroupOffsets } from '../../../brokers/kafka/group-offsets/kafka-group-offsets.ts';
import { planMove } from '../../../ops/offsets/plan-move.ts';
import { kafkaTools, tableIn } from '../../support/kafka-tools.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { batch, group, movedGroup, partitions, reading, topic } from '../../support/moved-group.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const all = 2 * batch;
const each = <Value>(value: Value) => Array.from({ length: partitions }, () => value);

requires('java', 'maven').test(
  'a stopped group is moved to a time and rolled back; a running group is refused with its member names',
  async () => {
    await using kafka = await startKafka();
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using moved = await movedGroup(config, kafka.configPath);
    const planned = await moved.reset('--to-time', moved.between);
    expect(planned).toMatchObject({
      status: 'planned',
      presence: { kind: 'stopped' },
      skipped: 0,
      repeated: partitions * batch,
    });
    expect(planned.partitions.map(({ start, end, committed, target }) => [start, end, committed, target])).toEqual(
      each([0, all, all, batch]),
    );
    expect(await moved.lags()).toEqual(each(0));

    const { backup = '', partitions: after } = await moved.move('--to-time', moved.between);
    expect(after.map(({ committedAfter }) => committedAfter)).toEqual(each(batch));
    expect(await moved.lags()).toEqual(each(batch));

    await moved.restore(backup, '--execute', `--confirm=${liveNameOf(kafka)}`);
    expect(await moved.lags()).toEqual(each(0));

    await moved.move('--earliest');
    await reading(config, all * partitions, async () => {
      const refused = await moved.refusal('--latest');
      expect(refused).toMatchObject({ exitCode: 5, stdout: '' });
      expect(refused.stderr).toMatch(/billing has 1 member: \S+ at 127\.0\.0\.1/);
    });
  },
  180_000,
);

requires('java', 'maven').test(
  'a move past an open transaction shows where it begins, until the transaction has ended',
  async () => {
    const io = { signal: AbortSignal.timeout(100_000) };
    await using kafka = await startKafka();
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using inspector = await kafkaDriver.inspect('lab', config, io);
    await using offsets = await openKafkaGroupOffsets('lab', config);
    const client = new Kafka({ brokers: kafka.bootstrap, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
    const admin = client.admin();
    const producer = client.producer({ transactionalId: 'orders-writer', idempotent: true, maxInFlightRequests: 1 });
    await Promise.all([admin.connect(), producer.connect()]);
    await using _ = {
      [Symbol.asyncDispose]: async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])),
    };
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 2 }], waitForLeaders: true });
    const begin = async () => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'orders', messages: [0, 0, 1].map((partition) => ({ partition, value: 'x' })) });
      return transaction;
    };
    await (await begin()).commit();
    const partitions = [0, 1].map((partition) => ({ partition, offset: '0' }));
    await admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions });
    const wanted = { topic: 'orders' };
    const found = async (aim: Parameters<typeof planMove>[1]['aim']) => {
      const { findings } = await planMove(offsets, { group: 'billing', wanted, aim }, io);
      return findings.filter(({ severity }) => severity !== 'info').map(({ code, message }) => `${code}: ${message}`);
    };
    const stableNow = async () => {
      const { offsets: known } = await inspector.snapshot(io);
      return known.filter((each) => each.topic === 'orders').map(({ lastStable }) => lastStable);
    };

    expect(await found({ kind: 'latest' })).toEqual([]);
    const open = await begin();
    expect(await stableNow()).toEqual([3n, 2n]);
    const places = (text: string) =>
      expect.stringContaining(`transaction-open: Transactions have not ended in ${text} of orders,`);
    expect(await found({ kind: 'latest' })).toEqual([places('0 (3), 1 (2)')]);
    expect(await found({ kind: 'offset', offset: 3n })).toEqual([places('1 (2)')]);
    expect(await found({ kind: 'shift', by: 2n })).toEqual([]);
    await open.commit();
    expect(await found({ kind: 'latest' })).toEqual([]);
  },
  180_000,
);

if (fullMatrix) {
  for (const version of ['4.3.1', '2.8.2']) {
    requires('java', 'maven').test(
      `Kafka's own tool reads the same offsets after every kind of move, and would set the same ones: Kafka ${version}`,
      async () => {
        await using kafka = await startKafka({ version });
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
        await using moved = await movedGroup(config, kafka.configPath);
        await using tools = await kafkaTools(version, kafka.bootstrap.join());
        const committed = async () =>
          tableIn(await tools.run('groups', '--describe', '--group', group), 'GROUP')
            .filter((row) => row['GROUP'] === group && row['TOPIC'] === topic)
            .toSorted((a, b) => Number(a['PARTITION']) - Number(b['PARTITION']))
            .map((row) => Number(row['CURRENT-OFFSET']));
        const wouldBe = async (...words: string[]) => {
          const told = await tools.run(
            'groups',
            '--reset-offsets',
            '--dry-run',
            '--group',
            group,
            '--topic',
            topic,
            ...words,
          );
          return tableIn(told, 'GROUP')
            .toSorted((a, b) => Number(a['PARTITION']) - Number(b['PARTITION']))
            .map((row) => Number(row['NEW-OFFSET']));
        };
        const asKafkaSays = moved.between.replace('Z', '');
        const ways = [
          [['--to-time', moved.between], ['--to-datetime', `${asKafkaSays}Z`], each(batch)],
          [['--earliest'], ['--to-earliest'], each(0)],
          [['--shift=30'], ['--shift-by', '30'], each(30)],
          [['--shift=-50'], ['--shift-by', '-50'], each(0)],
          [['--to-offset', '70'], ['--to-offset', '70'], each(70)],
          [['--to-offset', '7000'], ['--to-offset', '7000'], each(all)],
          [['--latest'], ['--to-latest'], each(all)],
        ] as const;
        for (const [ours, theirs, expected] of ways) {
          expect(await wouldBe(...theirs), theirs.join(' ')).toEqual(expected);
          const { partitions: after } = await moved.move(...ours);
          expect(
            after.map(({ committedAfter }) => committedAfter),
            ours.join(' '),
          ).toEqual(expected);
          expect(await committed(), ours.join(' ')).toEqual(expected);
        }
        const { backup = '' } = await moved.move('--earliest');
        await moved.restore(backup, '--execute', `--confirm=${liveNameOf(kafka)}`);
        expect(await committed()).toEqual(each(all));
      },
      900_000,
    );
  }
}
