// Removes broker-b of two brokers in memory, with a controlled clock.

import { expect } from 'vitest';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';
import { fakeBroker, fakeCluster, type FakeCluster } from './fake-change-desk.ts';
import type { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { carryOut } from '../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../ops/change/journal.ts';
import type { ScaleInFacts } from '../../ops/rocketmq/scale-in/facts.ts';
import { planScaleIn } from '../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';

export const io = { signal: new AbortController().signal };
export const spec = { brokerName: 'broker-b', quietSeconds: 60, ignoredGroups: [], giveUpReplay: true };
export const pair = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });

export function journeyOf(
  cluster: FakeCluster,
  facts: ScaleInFacts,
  clock: SteppedClock,
  steps: ChangeJournal['steps'] = [],
) {
  const saved: ChangeJournal[] = [];
  const said: string[] = [];
  const named = { cluster: 'lab', change: 'scale-in', subject: 'broker-b' };
  const journal = { ...newJournal({ ...named, facts }, clock.now()), steps };
  const journey = {
    journal,
    steps: scaleIn.steps(facts, { desk: cluster.desk, clock }),
    clock,
    signal: io.signal,
    save: async () => void saved.push(structuredClone(journal)),
    check: async () => undefined,
    tell: (line: string) => void said.push(line),
  };
  return { journey, saved, said };
}

export async function travel(cluster: FakeCluster, wait = 100, facts?: ScaleInFacts) {
  const clock = createSteppedClock();
  const planned = facts ?? (await planScaleIn(cluster.desk, spec, clock.now(), io)).facts;
  const trip = journeyOf(cluster, planned, clock);
  const arriving = carryOut(trip.journey, seconds(wait));
  const settled: Promise<{ arrival?: Awaited<typeof arriving>; fault?: AppError }> = arriving.then(
    (arrival) => ({ arrival }),
    (fault: unknown) => ({ fault: fault as AppError }),
  );
  await clock.advance(wait + 200);
  return { ...trip, clock, ...(await settled) };
}

export async function codesOf(cluster: FakeCluster): Promise<string[]> {
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
  return findings.filter(({ severity }) => severity === 'critical').map(({ code }) => code);
}
