// Runs each read-only command that runbooks, alerts and pages print, on a real cluster.

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { ClusterConfig } from '../../brokers/config.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { asking } from '../support/asking.ts';
import { startKafka } from '../support/kafka.ts';
import { group, movedGroup, topic } from '../support/moved-group.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { alertCommands, documentCommands, pageCommands } from '../support/printed-commands.ts';
import { startRocketmq } from '../support/rocketmq.ts';

/** A change without --execute is only a plan. */
const readOnly = /^(get|ready|top|cluster check|ops (kafka|rocketmq)) /;
const only: Readonly<Record<BrokerKind, RegExp>> = { kafka: /^(ops rocketmq|get routes) /, rocketmq: /^ops kafka / };

/** Values for placeholders of a runbook, on a lab of one broker with one topic and one group. */
const meant: Readonly<Record<BrokerKind, Readonly<Record<string, string>>>> = {
  kafka: {
    CLUSTER: 'lab',
    TOPIC: topic,
    GROUP: group,
    orders: topic,
    '%DLQ%GROUP': topic,
    'BROKER:0': '0',
    OFFSET: '0',
    'retention.ms=MS': 'retention.ms=86400000',
  },
  rocketmq: {
    CLUSTER: 'lab',
    TOPIC: topic,
    GROUP: group,
    orders: topic,
    '%DLQ%GROUP': topic,
    'BROKER:0': 'broker-a:0',
    OFFSET: '0',
    N: '8',
    NAME: 'broker-a',
    'broker-b': 'broker-a',
    'fileReservedTime=HOURS': 'fileReservedTime=48',
  },
};
/** A broker or name server to add must run, but a lab has only one. */
const needsAnother = /--add ID|scale-out|--replace OLD=NEW/;

const printedFor = (kind: BrokerKind) =>
  [
    ...new Set(
      [...alertCommands(), ...documentCommands(['docs/runbooks/*.md']), ...pageCommands()].map(({ words }) =>
        words.join(' '),
      ),
    ),
  ].filter((line) => readOnly.test(line) && !only[kind].test(line) && !needsAnother.test(line));

async function askAll(kind: BrokerKind, configPath: string): Promise<void> {
  const { ask } = asking('--config', configPath);
  const brokersFile = join(dirname(configPath), 'brokers.json');
  await writeFile(brokersFile, '[{ "id": 1 }]');
  const printed = printedFor(kind);
  expect(printed.length).toBeGreaterThan(8);
  const refused: string[] = [];
  for (const line of printed) {
    const words = line.split(' ').map((word) => (word === 'FILE' ? brokersFile : (meant[kind][word] ?? word)));
    const { exitCode, stderr } = await ask(...words, ...(words[0] === 'top' ? ['--once'] : []));
    // 6: a plan or a check with findings. On an idle lab there are no busiest topics.
    if (exitCode !== 0 && exitCode !== 6 && !stderr.includes('no topic receives messages now'))
      refused.push(`plimsoll ${words.join(' ')}: ${exitCode} ${stderr}`);
  }
  expect(refused).toEqual([]);
}

async function configOf(configPath: string): Promise<ClusterConfig> {
  const { clusters } = parse(await readFile(configPath, 'utf8')) as { clusters: { lab: unknown } };
  return ClusterConfig.parse(clusters.lab);
}

if (fullMatrix) {
  requires('java', 'maven').test('every printed command runs on Kafka', async () => {
    await using lab = await startKafka();
    await using _group = await movedGroup(await configOf(lab.configPath), lab.configPath);
    await askAll('kafka', lab.configPath);
  });
  requires('java', 'maven').test('every printed command runs on RocketMQ', async () => {
    await using lab = await startRocketmq();
    await using _group = await movedGroup(lab.config, lab.configPath);
    await askAll('rocketmq', lab.configPath);
  });
}
