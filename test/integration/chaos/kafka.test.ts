// Checks that reassignments of a real Kafka under load recover from every fault at any time (docs/evidence/chaos.md).

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJournal } from '../../../ops/change/journal.ts';
import { ReassignFacts, type ReassignJournal } from '../../../ops/kafka/execute/reassign-facts.ts';
import { chaosOfKafka, own, type KafkaSite } from '../../support/chaos/kafka-site.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import { holding } from '../../support/reassign-under-load.ts';

/** Time limits in seconds for a change and for the recovery. */
const longest = { change: 100, recovery: 120 };
const throttle = ['--throttle', '1500000', '--moves-per-broker', '2', '--interval', '1', '--delayed-writes', 'off'];

async function leftIn({ changed, topic }: KafkaSite): Promise<string[]> {
  const known = await changed.changes.settingsOf({ kind: 'topic', name: topic }, ['retention.ms'], changed.io());
  const retention = known.get('retention.ms');
  const moving = await changed.changes.moving(changed.io());
  return [
    ...(await changed.throttlesLeft(topic)),
    ...(retention?.value === own['retention.ms'] ? [] : [`retention.ms=${retention?.value}`]),
    ...moving.map(({ partition }) => `${topic}-${partition} moves`),
  ];
}

async function planIn(stateFolder: string): Promise<ReassignJournal | undefined> {
  const states = join(stateFolder, 'kafka-changes');
  const names = (await readdir(states).catch(() => [])).filter((name) => /\.(json|over)$/.test(name));
  const read = await Promise.all(
    names.map(async (name) =>
      parseJournal(JSON.parse(await readFile(join(states, name), 'utf8')), ReassignFacts, name),
    ),
  );
  return read.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))[0];
}

async function runScenario(scenario: Scenario, site: KafkaSite): Promise<ChaosRow> {
  const { changed, topic, stateFolder, confirm } = site;
  await site.settled();
  await rm(join(stateFolder, 'kafka-changes'), { recursive: true, force: true });
  const before = await changed.replicasOf(topic);
  const goal = holding(before, 4) > 0 ? ['--remove', '4'] : ['--add', '4'];
  const cut = scenario.change === 'retention-cut' ? ['--cut-retention', '10s'] : [];
  const { row, ended } = await meetFault(scenario, {
    ...site.chaosOf(['ops', 'kafka', 'reassign']),
    execute: [...goal, '--topics', topic, ...throttle, ...cut, '--execute', ...confirm],
    longest,
  });
  const { violations } = row;
  const layout = layoutOf(await planIn(stateFolder), await changed.replicasOf(topic), before);
  const left = await leftIn(site);
  if (layout === 'mixed') violations.push('the layout is neither the old nor the new one');
  if (left.length > 0) violations.push('settings or moves are left');
  if (violations.length > 0) process.stdout.write(`${scenario.seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left };
}

function layoutOf(plan: ReassignJournal | undefined, now: number[][], before: number[][]): ChaosRow['layout'] {
  if (JSON.stringify(now) === JSON.stringify(before)) return 'old';
  const isNew =
    plan?.facts.target.every(({ partition, replicas }) => now[partition]?.join() === replicas.join()) === true;
  return isNew ? 'new' : 'mixed';
}

chaosOfKafka(['reassign', 'retention-cut'], runScenario);
