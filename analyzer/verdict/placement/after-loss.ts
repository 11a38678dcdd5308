// Computes which brokers lead after a loss, following the election rules of Kafka and RocketMQ.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import type { BrokerRules } from './broker-rules.ts';
import { groupOf, type TrafficRow } from './placement.ts';

export type AfterLoss =
  /** Several ways if the run does not show who is elected; a result must hold for each way. */
  | { kind: 'placed'; ways: readonly (readonly TrafficRow[])[]; assumptions: readonly string[] }
  /** Producers do not avoid a leader that responds NOT_ENOUGH_REPLICAS, so sends fail at any rate. */
  | { kind: 'rejected'; leader: string; minInSyncReplicas: number }
  | { kind: 'unknown'; missing: string };

/**
 * Kafka: the first replica in assignment order that is alive and in sync becomes leader (KRaft,
 * PartitionChangeBuilder). A partition without one accepts no messages, and producers without keys send to the others.
 * RocketMQ: producers send to the queues of the remaining masters; a DLedger or controller group elects a member, and a
 * group with a fixed master has none until that returns.
 */
export function rowsAfterLoss(rows: readonly TrafficRow[], gone: ReadonlySet<string>, rules: BrokerRules): AfterLoss {
  // Without a known kind, all brokers are assumed to lead alike.
  return lossBy[rules.broker ?? 'kafka'](rows, gone, rules);
}

const lossBy: ByKind<typeof rowsAfterLoss> = { kafka: kafkaLoss, rocketmq: rocketmqLoss };

function rocketmqLoss(rows: readonly TrafficRow[], lost: ReadonlySet<string>, { electedBy }: BrokerRules): AfterLoss {
  const gone = electedBy === 'majority' ? withoutMajority(rows, lost) : lost;
  const toOthers = resent(rows.map((row) => without(row, gone, undefined)));
  const ledByLost = rows.some(({ leader }) => leader !== undefined && gone.has(leader));
  if (!ledByLost) return { kind: 'placed', ways: [toOthers ?? []], assumptions: [] };
  const candidates = electedBy === 'nobody' ? [] : rows.filter((row) => isCandidate(row, gone));
  // Without another master, only an election keeps the cluster available.
  if (toOthers === undefined && electedBy === undefined && !candidates.every((row) => hasMajority(row, gone)))
    return {
      kind: 'unknown',
      missing: 'recorded mode of the brokers (DLedger would need a majority to elect a master)',
    };
  const elected = candidates.length > 0 ? electedWays(rows, gone) : [];
  const ways = [...(toOthers ? [toOthers] : []), ...elected];
  if (ways.length === 0) return { kind: 'unknown', missing: 'another master, since none is left that accepts sends' };
  const assumptions =
    elected.length > 0
      ? [
          `${electedBy === undefined ? 'the mode of the brokers is unknown: ' : ''}a group elects a new master, or producers send to the other masters`,
        ]
      : ['producers send to the queues of the other masters'];
  return { kind: 'placed', ways, assumptions };
}

function kafkaLoss(
  rows: readonly TrafficRow[],
  gone: ReadonlySet<string>,
  { minInSyncReplicas }: BrokerRules,
): AfterLoss {
  const moved = rows.map((row) => {
    const { leader, followers, outOfSync } = row;
    if (leader !== undefined && !gone.has(leader)) return without(row, gone, leader);
    return without(
      row,
      gone,
      followers.find((id) => !gone.has(id) && !outOfSync.has(id)),
    );
  });
  const left = resent(moved);
  if (left === undefined) return { kind: 'unknown', missing: 'partition with a replica on another broker' };
  const fewest = left.filter(hasLost).toSorted((a, b) => inSyncOf(a) - inSyncOf(b))[0];
  if (fewest?.leader !== undefined) {
    const { leader } = fewest;
    const inSync = inSyncOf(fewest);
    if (minInSyncReplicas !== undefined && inSync < minInSyncReplicas)
      return { kind: 'rejected', leader, minInSyncReplicas };
    // The default is 1, but topics with several replicas usually use 2.
    if (minInSyncReplicas === undefined && inSync === 1)
      return {
        kind: 'unknown',
        missing: 'value of min.insync.replicas, though only one in-sync replica would be left',
      };
  }
  const isOffline = moved.some(({ leader, share }) => leader === undefined && share > 0);
  return {
    kind: 'placed',
    ways: [left],
    assumptions: isOffline ? ['messages of partitions without a replica left are sent to the other partitions'] : [],
  };
}

const hasLost = ({ lost = [], share }: TrafficRow) => lost.length > 0 && share > 0;

const inSyncOf = ({ followers, outOfSync }: TrafficRow) => 1 + followers.filter((id) => !outOfSync.has(id)).length;

/** @param leader new leader; without it, a row whose leader was lost has none */
function without(row: TrafficRow, gone: ReadonlySet<string>, leader: string | undefined): TrafficRow {
  const { leader: before, followers, outOfSync, share } = row;
  const now = leader ?? (before !== undefined && !gone.has(before) ? before : undefined);
  return {
    ...(now !== undefined && { leader: now }),
    followers: followers.filter((id) => !gone.has(id) && id !== now),
    lost: [...(before === undefined ? [] : [before]), ...followers].filter((id) => gone.has(id)),
    outOfSync,
    share,
  };
}

/** Messages for partitions without a leader go to the other partitions, in proportion to their shares. */
function resent(rows: readonly TrafficRow[]): TrafficRow[] | undefined {
  const led = rows.filter(({ leader }) => leader !== undefined);
  const [all, left] = [rows, led].map((some) => some.reduce((sum, { share }) => sum + share, 0)) as [number, number];
  return left > 0 ? led.map((row) => ({ ...row, share: (row.share * all) / left })) : undefined;
}

const isCandidate = ({ leader, followers }: TrafficRow, gone: ReadonlySet<string>) =>
  leader !== undefined && gone.has(leader) && followers.some((id) => !gone.has(id));

const membersOf = ({ leader = '', followers }: TrafficRow) => [
  leader,
  ...followers.filter((id) => groupOf(id) === groupOf(leader)),
];

function hasMajority(row: TrafficRow, gone: ReadonlySet<string>): boolean {
  const members = membersOf(row);
  return members.filter((id) => !gone.has(id)).length > members.length / 2;
}

/** @returns the lost brokers, and those that cannot lead without them */
const withoutMajority = (rows: readonly TrafficRow[], gone: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...gone, ...rows.filter((row) => !hasMajority(row, gone)).flatMap(membersOf)]);

/** Returns one way per position of an electable member, because only the vote decides which member is elected. */
function electedWays(rows: readonly TrafficRow[], gone: ReadonlySet<string>): TrafficRow[][] {
  const alive = (row: TrafficRow) =>
    row.followers.filter((id) => !gone.has(id) && groupOf(id) === groupOf(row.leader ?? ''));
  const most = Math.max(...rows.map((row) => (isCandidate(row, gone) ? alive(row).length : 0)));
  return Array.from({ length: most }, (_, place) =>
    resent(
      rows.map((row) => {
        const candidates = alive(row);
        return without(row, gone, isCandidate(row, gone) ? candidates[place % candidates.length] : undefined);
      }),
    ),
  ).filter((way) => way !== undefined);
}
