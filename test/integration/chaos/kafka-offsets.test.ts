// Checks that a group of a real Kafka under load is moved or keeps its offsets, for every fault at any time (docs/evidence/chaos.md).

import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { openGroupOffsets } from '../../../brokers/open-by-kind.ts';
import type { GroupPosition } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import { chaosOfKafka, type KafkaSite } from '../../support/chaos/kafka-site.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';

const group = 'billing';
const longest = { change: 100, recovery: 100 };

/** Returns the group's offsets. @param place moves it to the end of each partition first */
async function positions(site: KafkaSite, how: { place?: boolean } = {}): Promise<GroupPosition[]> {
  // A new coordinator loads the offsets of the group first.
  for (let attempt = 1; ; attempt++) {
    try {
      return await readPositions(site, how);
    } catch (cause) {
      if (!(cause instanceof AppError) || attempt === 20) throw cause;
      await delay(2000);
    }
  }
}

async function readPositions({ config, topic, changed }: KafkaSite, { place = false } = {}): Promise<GroupPosition[]> {
  const io = changed.io();
  await using offsets = await openGroupOffsets('lab', config, io);
  if (place) {
    const now = (await offsets.positions(group, topic, io)) ?? [];
    const targets = now.map(({ partition, end = 0n }) => ({ topic, partition, offset: end }));
    await offsets.move(group, topic, targets, undefined, io);
  }
  return [...((await offsets.positions(group, topic, io)) ?? [])];
}

async function runScenario(scenario: Scenario, site: KafkaSite): Promise<ChaosRow> {
  const { topic, stateFolder, confirm } = site;
  await site.settled();
  for (const name of ['changes', 'offset-backups']) {
    await rm(`${stateFolder}/${name}`, { recursive: true, force: true });
  }
  const before = await positions(site, { place: true });
  const least = before.reduce((low, { committed = 0n }) => (committed < low ? committed : low), 2n ** 62n);
  const target = least - 50n;
  const { row, ended } = await meetFault(scenario, {
    ...site.chaosOf(['ops', 'offsets', 'reset', '--group', group]),
    execute: ['--topic', topic, '--to-offset', String(target), '--execute', ...confirm],
    longest,
  });
  const { violations } = row;
  const now = await positions(site);
  const isOld = now.every(({ committed }, index) => committed === before[index]?.committed);
  const isNew = now.every(({ committed }) => committed === target);
  const layout = isOld ? 'old' : isNew ? 'new' : 'mixed';
  if (layout === 'mixed') {
    violations.push(`the group stands at ${now.map(({ committed }) => committed).join()} instead of ${target}`);
  }
  if (violations.length > 0) process.stdout.write(`${scenario.seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left: [] };
}

chaosOfKafka(['offsets-reset'], runScenario, { each: 30 });
