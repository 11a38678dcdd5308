// Checks that a topic of a real Kafka under load gets all of its new partitions or none, for every fault at any time (docs/evidence/chaos.md).

import { rm } from 'node:fs/promises';
import { chaosOfKafka, makeTopic, type KafkaSite } from '../../support/chaos/kafka-site.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';

/** A topic without load: new partitions would move its keys, which breaks their order. */
const topic = 'chaos-partitions';
const longest = { change: 100, recovery: 100 };

async function countOf({ changed }: KafkaSite): Promise<{ partitions: number; leaderless: number }> {
  const { topics } = await changed.changes.describe(changed.io());
  const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
  return { partitions: partitions.length, leaderless: partitions.filter(({ leader }) => leader === undefined).length };
}

async function runScenario(scenario: Scenario, site: KafkaSite): Promise<ChaosRow> {
  const { stateFolder, confirm } = site;
  await site.settled();
  await rm(`${stateFolder}/changes`, { recursive: true, force: true });
  const { partitions: from } = await countOf(site);
  const to = from + 2;
  const { row, ended } = await meetFault(scenario, {
    ...site.chaosOf(['ops', 'kafka', 'partitions', '--topic', topic, '--to', String(to)]),
    execute: ['--execute', ...confirm],
    isRepeated: true,
    longest,
  });
  const { violations } = row;
  const now = await countOf(site);
  const layout = now.partitions === from ? 'old' : now.partitions === to ? 'new' : 'mixed';
  if (layout === 'mixed') violations.push(`the topic has ${now.partitions} partitions instead of ${from} or ${to}`);
  const left = now.leaderless === 0 ? [] : [`${now.leaderless} partitions without a leader`];
  if (left.length > 0) violations.push('partitions have no leader');
  if (violations.length > 0) process.stdout.write(`${scenario.seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left };
}

chaosOfKafka(['partitions'], runScenario, { each: 30, prepare: ({ config }) => makeTopic(config, topic, 2) });
