// Lists the findings of a plan: risks first, then goals not reached, then what to do afterwards.

import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import { namesOf } from '../live/live-findings.ts';
import { placementFindings } from './placement-findings.ts';
import type { Reassignment } from './plan-reassignment.ts';
import type { Problem } from './problem.ts';

export function planFindings(
  problem: Problem,
  plan: Reassignment,
  { leftBehind, incoming }: { leftBehind: number; incoming?: number | undefined },
): Finding[] {
  const { brokers, live, partitions } = problem;
  const findings: Finding[] = [];
  const say = (severity: Finding['severity'], code: string, message: string, evidence: Evidence[] = []) =>
    findings.push({ severity, code, message, evidence });

  const removed = brokers.slice(live);
  for (const [offset, { id }] of removed.entries()) {
    const held = partitions.filter(({ replicas }) => replicas.includes(live + offset));
    if (held.length === 0 && leftBehind === 0) continue;
    const only = held.filter(({ replicas }) => replicas.length === 1);
    const lost =
      only.length > 0
        ? `It has the only copy of ${namesOf(only)}: if it is stopped before the plan is complete, they are offline, and their messages are lost with its disk.`
        : 'If it is stopped before the plan is complete, these partitions lose one replica each, and no broker creates a new replica by itself.';
    say(
      'critical',
      'removal-unsafe',
      `Broker ${id} still holds replicas of ${countOf(held.length, 'partition')}. ${lost}`,
      [figure('partitions', held.length), figure('only copies', only.length)],
    );
  }
  if (leftBehind > 0) {
    say(
      'critical',
      'left-behind',
      `${countOf(leftBehind, 'partition')} of topics that are not chosen still on a broker to be removed: plan those topics too before the broker is stopped.`,
      [figure('partitions', leftBehind)],
    );
  }
  findings.push(...placementFindings(problem, plan));
  if (plan.plan.partitions.length === 0)
    say('info', 'even-already', 'No moves are needed: the brokers are already balanced.');
  const moves = plan.waves.filter(({ partitions: moved, bytes }) => moved.length > 0 && bytes !== 0);
  const hasLinks = brokers.every(({ networkBytesPerSecond }) => networkBytesPerSecond !== undefined);
  if (
    hasLinks &&
    plan.moves.replicas > 0 &&
    moves.some(({ throttleBytesPerSecond }) => throttleBytesPerSecond === undefined)
  ) {
    const replicasMove = moves.some(
      (wave) => wave.throttleBytesPerSecond === undefined && isCopying(wave.partitions, problem),
    );
    if (replicasMove && incoming !== undefined) {
      say(
        'critical',
        'no-room-to-move',
        `The links have no capacity for a throttle above the incoming rate of ${incoming} bytes/s: a moving replica would never catch up. Move at a quieter time.`,
        [figure('incoming', incoming, 'bytes/s', '--incoming')],
      );
    }
  }
  if (hasLinks && incoming === undefined && plan.moves.replicas > 0) {
    say(
      'warning',
      'incoming-unknown',
      'The peak incoming traffic of the brokers is unknown; half of the usable link is reserved for it. Give --incoming for an exact throttle.',
    );
  }
  if (plan.slack.replicas > 0) {
    say(
      'warning',
      'replicas-uneven',
      `Because of the racks, replicas per broker differ from the mean by up to ${plan.slack.replicas} more than rounding requires.`,
      [figure('replicas beyond', plan.slack.replicas)],
    );
  }
  if (plan.slack.leaders > 0) {
    say(
      'warning',
      'leaders-uneven',
      `With these replicas, leaders per broker differ from their share by up to ${plan.slack.leaders} more than rounding requires.`,
      [figure('leaders beyond', plan.slack.leaders)],
    );
  }
  if (plan.plan.partitions.length > 0) {
    say(
      'info',
      'preferred-election',
      'After the last wave, elect the preferred leaders (kafka-leader-election.sh --election-type preferred --all-topic-partitions): before it, the leaders do not change.',
    );
    say(
      'info',
      'verify-each-wave',
      'End each wave with kafka-reassign-partitions.sh --verify: it shows when the wave is done, and removes the throttle.',
    );
  }
  return findings;
}

function isCopying(
  wave: readonly { topic: string; partition: number; replicas: number[] }[],
  { partitions, brokers }: Problem,
) {
  const now = new Map(
    partitions.map((each) => [`${each.topic}-${each.partition}`, each.replicas.map((index) => brokers[index]?.id)]),
  );
  return wave.some(({ topic, partition, replicas }) =>
    replicas.some((id) => now.get(`${topic}-${partition}`)?.includes(id) === false),
  );
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function figure(name: string, value: number, unit = '', source = '--assignment'): Evidence {
  return { name, value, unit, source };
}
