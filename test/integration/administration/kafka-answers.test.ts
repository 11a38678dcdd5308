// Compares the results of `get`, `send`, `receive` and deletions with Kafka's own tools.

import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { administeredLab } from '../../support/administration.ts';
import { asking } from '../../support/asking.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

interface Stored {
  offset: number;
  keyBase64: string;
  valueBase64: string;
  properties: { name: string; valueBase64: string }[];
}
const plain = (base64: string) => Buffer.from(base64, 'base64').toString();

if (fullMatrix)
  requires('java', 'maven').test(
    "messages, settings, topics and the cluster are the same as with Kafka's own tools",
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      const confirmed = liveNameOf(kafka);
      await using lab = await administeredLab({ ...kafka, config, confirmed });
      await using tools = await kafkaTools('4.3.1', kafka.bootstrap.join());
      const { askJson } = asking('--bootstrap', kafka.bootstrap.join());
      const listed = async () => (await tools.run('topics', '--list')).trim().split('\n').toSorted();

      for (const topic of ['orders', 'payments'])
        await lab.run(
          'ops kafka create-topic',
          '--topic',
          topic,
          '--partitions',
          '1',
          '--replication-factor',
          '1',
          '--execute',
        );
      for (const [key, value] of [
        ['4711', 'one'],
        ['4712', 'zwei – 二'],
        ['4713', '{"a":3}'],
      ] as const) {
        const message = ['--topic', 'orders', '--key', key, '--header', `source=${key}`, '--value', value];
        const sent = await lab.plain('send', ...message, '--execute', '--confirm', confirmed);
        expect(sent.exitCode, sent.stderr).toBe(0);
      }
      const shown = ['key', 'headers', 'offset', 'value'].flatMap((each) => [
        '--formatter-property',
        `print.${each}=true`,
      ]);
      const last = ['--from-beginning', '--max-messages', '3', '--timeout-ms', '30000'];
      const printed = await tools.run('console-consumer', '--topic', 'orders', ...shown, ...last);
      const received = (await askJson('receive', '--topic', 'orders', '--count', '3')) as { messages: Stored[] };
      const rows = received.messages.map(({ offset, keyBase64, valueBase64, properties }) => {
        const headers = properties.map((each) => `${each.name}:${plain(each.valueBase64)}`).join();
        return [`Offset:${offset}`, headers, plain(keyBase64), plain(valueBase64)].join('\t');
      });
      expect(rows).toHaveLength(3);
      expect(rows).toEqual(printed.trim().split('\n'));
      const found = (await askJson('get', 'messages', '--topic', 'orders', '--offset', '0')) as { messages: Stored[] };
      expect(new Set(found.messages.map(({ offset }) => offset))).toEqual(new Set([0, 1, 2]));

      const { processes } = (await askJson('get', 'config', '1')) as {
        processes: { values: Record<string, string> }[];
      };
      const described = await tools.run(
        'configs',
        '--describe',
        '--all',
        '--entity-type',
        'brokers',
        '--entity-name',
        '1',
      );
      const settings = Array.from(
        described.matchAll(/^ {2}(\S+?)=(.*) sensitive=(\w+) synonyms=/gm),
        ([, name, value, isSecret]) =>
          isSecret === 'true' ? undefined : [name, value === 'null' ? '(not set)' : value],
      ).filter((each) => each !== undefined);
      expect(settings.length).toBeGreaterThan(150);
      const own = processes[0]?.values ?? {};
      expect(settings.filter(([name = '', value]) => own[name] !== value)).toEqual([]);

      const { cluster } = (await askJson('get', 'brokers')) as { cluster: { clusterId: string } };
      expect(await tools.run('cluster-id')).toContain(`Cluster ID: ${cluster.clusterId}`);

      const topicsNow = async () => {
        const { topics } = (await askJson('get', 'topics', '--internal')) as { topics: { name: string }[] };
        return topics.map(({ name }) => name).toSorted();
      };
      expect(await listed()).toContain('payments');
      expect(await topicsNow()).toEqual(await listed());
      const deleting = ['--topic', 'payments', '--watch', '1s', '--execute', '--confirm-name', 'payments'];
      const deleted = await lab.run('ops kafka delete-topic', ...deleting);
      expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await listed()).not.toContain('payments');
      const ofKafka = ['--topic', '__consumer_offsets', '--to', '99', '--execute'];
      const refused = await lab.run('ops kafka partitions', ...ofKafka);
      expect(refused.stderr).toContain('was not started: __consumer_offsets is an internal topic');
      const more = await lab.run('ops kafka partitions', '--topic', 'orders', '--to', '3', '--execute');
      expect(more.exitCode, more.stderr).toBe(0);
      expect(await tools.run('topics', '--describe', '--topic', 'orders')).toMatch(/PartitionCount: 3\s/);
    },
    300_000,
  );
