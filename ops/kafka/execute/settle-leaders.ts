// Elects preferred leaders after a change, and verifies the final placement.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { seconds } from '../../../core/units.ts';
import { findingIf } from '../../change/change-kind.ts';
import { byPartition, loadBetween, partitionKey } from '../live/broker-load.ts';
import { namesOf } from '../live/live-findings.ts';
import { leadersIn } from '../live/read-cluster.ts';
import { isSame } from '../reassign/waves.ts';
import { waitForTurn, type HandOvers } from './hand-overs.ts';
import { look } from './look.ts';
import { splitAim } from './moved-by-others.ts';
import { aimOf, type Run } from './run.ts';

/** A replica that just came is in sync at once, or after a few fetches: replica.lag.time.max.ms is 30 s. */
const patience = seconds(40);
const pause = seconds(1);

/** Of the partitions that were changed: others keep the leaders they have. Few at a time, since an election is a hand-over too. */
export async function electLeaders(run: Run, handOvers: HandOvers): Promise<void> {
  const { changes, clock, signal, state } = run;
  const attempts = new Map<string, number>();
  let least = Infinity;
  let deadline = clock.monotonic() + patience;
  for (;;) {
    const { metadata } = await look(run);
    const partitions = byPartition(metadata);
    const waiting = splitAim(state, metadata).own.filter((each) => {
      const known = partitions.get(partitionKey(each));
      return known !== undefined && known.leader !== known.replicas[0];
    });
    if (waiting.length === 0 || clock.monotonic() > deadline) return;
    if (!handOvers.knows()) handOvers.learn(await writtenNow(run, leadersIn(metadata)));
    const before = clock.monotonic();
    if (await waitForTurn(run, handOvers, true)) {
      deadline += clock.monotonic() - before;
      continue;
    }
    if (waiting.length < least) deadline = before + patience;
    least = Math.min(least, waiting.length);
    const triedOf = (each: (typeof waiting)[number]) => attempts.get(partitionKey(each)) ?? 0;
    const now = handOvers.first(waiting.toSorted((one, other) => triedOf(one) - triedOf(other)));
    await changes.electPreferred(
      now.map(({ topic, partition }) => ({ topic, partition })),
      { signal },
    );
    handOvers.ended(now);
    for (const each of now) attempts.set(partitionKey(each), triedOf(each) + 1);
    await clock.sleep(pause, { signal });
  }
}

/** How long is watched for what producers send. */
const sample = seconds(2);

async function writtenNow({ changes, clock, signal }: Run, leaders: ReadonlyMap<string, number>) {
  const reading = async () => ({ atSeconds: clock.monotonic(), brokers: await changes.sizes({ signal }) });
  const before = await reading();
  await clock.sleep(sample, { signal });
  return loadBetween(before, await reading(), leaders).written;
}

/** @returns findings; critical ones where the assignment differs from the request */
export async function verify(run: Run): Promise<Finding[]> {
  const { state } = run;
  const { metadata, moving } = await look(run);
  const now = byPartition(metadata);
  const aim = aimOf(state);
  const gone = aim.filter((each) => !now.has(partitionKey(each)));
  const known = aim.filter((each) => now.has(partitionKey(each)));
  const stateOf = (each: (typeof aim)[number]) => now.get(partitionKey(each));
  const astray = known.filter((each) => !isSame((stateOf(each)?.replicas ?? []).map(Number), each.replicas));
  const behind = known.filter((each) => {
    const { replicas = [], inSyncReplicas = [] } = stateOf(each) ?? {};
    return replicas.some((id) => !inSyncReplicas.includes(id));
  });
  const led = known.filter((each) => stateOf(each)?.leader !== stateOf(each)?.replicas[0]);
  const ours = state.borrowed;
  const figure = (value: number) => [{ name: 'partitions', value, unit: '', source: 'Metadata' }];
  const say = (severity: 'critical' | 'warning', code: string, count: number, well: string, ill: string): Finding => ({
    severity: count === 0 ? 'info' : severity,
    code,
    message: count === 0 ? well : ill,
    evidence: figure(count),
  });
  return [
    say(
      'critical',
      'replicas-as-planned',
      astray.length,
      `All partitions are as planned (${known.length}).`,
      `Partitions not as planned, ${astray.length}: ${namesOf(astray)}.`,
    ),
    say(
      'critical',
      'nothing-moves',
      moving.length,
      'No partition is moving.',
      `Partitions still moving, ${moving.length}: ${namesOf(moving)}.`,
    ),
    say(
      'warning',
      'in-sync',
      behind.length,
      'Every replica of the planned partitions is in sync.',
      `Under-replicated partitions, ${behind.length}: ${namesOf(behind)}.`,
    ),
    say(
      'warning',
      'preferred-leaders',
      led.length,
      'Each planned partition is led by its preferred leader.',
      `Partitions not led by their preferred leader, ${led.length}: ${namesOf(led)}.`,
    ),
    say(
      'critical',
      'throttles-gone',
      ours.length,
      'No throttle or retention of this change remains.',
      `Settings of this change remain: ${ours.map(({ why, kind, name }) => `${why} of ${kind} ${name}`).join(', ')}. --resume restores them.`,
    ),
    ...leavingFindings(run, metadata),
    ...findingIf(
      gone.length > 0,
      'warning',
      'deleted-meanwhile',
      `Partitions of the plan that were deleted meanwhile, ${gone.length}: ${namesOf(gone)}.`,
      figure(gone.length),
    ),
  ];
}

/** Whether a broker that leaves may be stopped: not while it holds a replica, of whatever topic. */
function leavingFindings({ state }: Run, { topics }: KafkaMetadata): Finding[] {
  if (state.direction === 'back') return [];
  return state.facts.leaving.map((broker): Finding => {
    const held = topics
      .flatMap(({ partitions }) => partitions)
      .filter(({ replicas }) => replicas.includes(String(broker)));
    const only = held.filter(({ replicas }) => replicas.length === 1);
    const isEmpty = held.length === 0;
    return {
      severity: isEmpty ? 'info' : 'critical',
      code: isEmpty ? 'removal-safe' : 'removal-unsafe',
      message: isEmpty
        ? `Broker ${broker} holds no replicas: it can be stopped.`
        : `Broker ${broker} still holds replicas (partitions: ${held.length}, only copies: ${only.length}; ${namesOf(held)}): do not stop it.`,
      evidence: [{ name: 'partitions', value: held.length, unit: '', source: 'Metadata' }],
    };
  });
}
