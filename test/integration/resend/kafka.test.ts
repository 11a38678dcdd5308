// Resends messages of a dead-letter topic of a real Kafka, killed midway and resumed.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { partitionOfKey } from '../../../brokers/kafka/partition-of-key.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { openKafkaSender } from '../../../brokers/kafka/message-sender.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { propertyOf, resendsOf } from '../../support/resend-commands.ts';

const topic = 'orders';
const deadLetters = 'orders.DLT';
const partitions = 3;
const count = 60;

/** Headers as Spring for Kafka writes them. */
const failure = (partition: number) => {
  const original = Buffer.alloc(4);
  original.writeInt32BE(partition);
  return [
    ['kafka_dlt-original-topic', Buffer.from(topic)],
    ['kafka_dlt-original-partition', original],
    ['kafka_dlt-exception-message', Buffer.from('out of stock')],
  ] as const;
};

/** Leaves a message of an aborted transaction, and its marker, at the end of the first partition. */
async function abortTransaction(bootstrap: readonly string[]): Promise<void> {
  const client = new Kafka({ clientId: 'witness', brokers: [...bootstrap], logLevel: logLevel.NOTHING });
  const producer = client.producer({ transactionalId: 'aborts', maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: deadLetters, messages: [{ partition: 0, key: 'order-3', value: 'never happened' }] });
  await transaction.abort();
  await producer.disconnect();
}

// The quick run checks this with RocketMQ.
if (fullMatrix) {
  requires('java', 'maven').test(
    'chosen messages are resent once each with key and headers, even if the process is killed between two of them',
    async () => {
      await using kafka = await startKafka();
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-resend-'));
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      const io = { signal: AbortSignal.timeout(120_000) };
      {
        await using admin = await kafkaDriver.administer('lab', config, io);
        await admin.createTopic({ name: topic, partitions, replicationFactor: 1 }, io);
        await admin.createTopic({ name: deadLetters, partitions: 2, replicationFactor: 1 }, io);
        await using sender = openKafkaSender('lab', config);
        for (let index = 0; index < count; index += 1) {
          const key = Buffer.from(`order-${index % 10}`);
          const properties = index % 2 === 0 ? failure(index % partitions) : [];
          const value = index === 7 ? {} : { value: Buffer.from(`body ${index}`) };
          await sender.send({ topic: deadLetters, partition: index % 2, key, properties, ...value }, io);
        }
      }
      await abortTransaction(kafka.bootstrap);
      const resend = resendsOf({ configPath: kafka.configPath, config, state: folder.path });
      const words = ['--topic', deadLetters];

      const planned = await resend.run(...words, '--key', 'order-3');
      expect(planned).toMatchObject({ exitCode: 0, document: { status: 'planned', read: count } });
      expect(planned.document.messages?.map(({ message, to }) => [message, to])).toEqual(
        ['1@1', '1@6', '1@11', '1@16', '1@21', '1@26'].map((message) => [message, topic]),
      );
      // A message of an aborted transaction stays in the log.
      expect(await resend.stored(deadLetters)).toHaveLength(count + 1);
      expect(await resend.ask(...words, '--message', `0@${count / 2}`)).toMatchObject({
        stdout: '',
        stderr: expect.stringContaining('belongs to an aborted transaction'),
      });
      expect(await resend.stored(topic)).toEqual([]);
      expect(await resend.ask(...words, '--to', deadLetters, '--execute')).toMatchObject({
        stdout: '',
        stderr: expect.stringContaining('would get its messages a second time'),
      });

      const path = await resend.killAfter(20, ...words, '--rate', '20', '--execute');
      const inDoubt = await resend.forgetLastAnswer(path);
      const status = await resend.ask(...words, '--execute');
      expect(status.stderr).toContain('--resume continues from the current step');
      const resumed = await resend.run(...words, '--resume');
      expect(resumed).toMatchObject({ exitCode: 0, document: { status: 'done', holds: [] } });
      expect(resumed.stderr).toMatch(
        new RegExp(
          `${inDoubt} was sent without an answer: it is stored in orders at offset \\d+, and is not sent again`,
        ),
      );
      expect(resumed.document.evidence).toContain('messages sent: 60');
      expect(resumed.document.evidence).toContain('copies read back: 60');

      const copies = await resend.stored(topic);
      expect(new Set(copies.map((copy) => propertyOf(copy, 'plimsoll-resend'))).size).toBe(count);
      expect(copies).toHaveLength(count);
      for (const copy of copies) {
        const index = copy.value === undefined ? 7 : Number(copy.value.toString('utf8').split(' ')[1]);
        expect(copy.key?.toString('utf8')).toBe(`order-${index % 10}`);
        const isFailure = index % 2 === 0;
        expect(copy.partition).toBe(
          isFailure ? index % partitions : partitionOfKey(copy.key ?? Buffer.alloc(0), partitions),
        );
        expect(copy.properties.slice(0, -1)).toEqual(
          isFailure ? failure(index % partitions).map((each) => [...each]) : [],
        );
      }
      const sent = (await resend.noted(path)).filter(({ state }) => state === 'sent');
      expect(sent.map(({ message }) => message).toSorted()).toEqual(
        [0, 1]
          .flatMap((partition) => Array.from({ length: count / 2 }, (_, offset) => `${partition}@${offset}`))
          .toSorted(),
      );

      const again = await resend.run(...words);
      expect(again.document.findings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['nothing-to-resend', 'sent-before']),
      );

      // After an abort the rest is not sent; the file of this resend lists sent messages.
      const aborted = resendsOf({ configPath: kafka.configPath, config, state: join(folder.path, 'aborted') });
      await aborted.killAfter(5, ...words, '--rate', '20', '--execute');
      const { document } = await aborted.run(...words, '--abort');
      expect(document.status).toBe('rolled-back');
      expect(await aborted.stored(topic)).toHaveLength(
        count + (await aborted.noted(document.sentFile ?? '')).filter(({ state }) => state === 'sent').length,
      );
      expect(await aborted.ask(...words, '--resume')).toMatchObject({ exitCode: 2 });
    },
    420_000,
  );
}
