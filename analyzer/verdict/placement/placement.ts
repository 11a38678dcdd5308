// Reads which broker leads and follows which share of a run's traffic, or assumes an even spread and states so.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { rocketmq, withoutSlaves } from '../../../core/broker-kind/rocketmq.ts';
import type { ReplicaRow } from '../../../core/documents/evidence/replica-placement.ts';
import { highestSustained } from '../limits/ceilings.ts';
import { meanOfSamples } from '../limits/resources/use.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';

/** Partitions with the same leader and followers. */
export interface TrafficRow {
  /** Absent if no broker can lead, so that no messages are sent there. */
  leader?: string;
  /** Other available replicas, in the order of election. */
  followers: readonly string[];
  /** Followers that are not in sync, which cannot be elected. */
  outOfSync: ReadonlySet<string>;
  /** Lost replicas, which copy from the leader after their return. */
  lost?: readonly string[];
  /** Share of all messages of the run. */
  share: number;
  /** Partitions or queues of the row, if recorded. */
  partitions?: number;
}

export interface Placement {
  rows: readonly TrafficRow[];
  isRecorded: boolean;
  /** Assumptions about what was not recorded, as sentences. */
  assumptions: readonly string[];
}

/** The recorded placement, or an assumed one. */
export function placementOf(run: LoadTestRun, steps: readonly JudgedStep[]): Placement {
  const brokers = run.document.environment.brokers.map(({ id }) => id);
  const recorded = rowsInForce(run, steps);
  if (recorded !== undefined) return recordedPlacement(run, recorded, new Set(brokers));
  return traitsOf(run.document.broker)?.copies === 'own-group'
    ? namedPlacement(run, brokers)
    : evenPlacement(run, brokers);
}

/** Returns the rows valid at the end of the highest sustained step. */
function rowsInForce(
  { placements = [] }: LoadTestRun,
  steps: readonly JudgedStep[],
): readonly ReplicaRow[] | undefined {
  const highest = highestSustained(steps) ?? steps.at(-1);
  const until = highest?.step.window.to ?? Number.POSITIVE_INFINITY;
  const rows = (placements.findLast(({ elapsedSeconds }) => elapsedSeconds <= until) ?? placements[0])?.rows;
  return rows?.some(({ leader }) => leader !== undefined) === true ? rows : undefined;
}

function recordedPlacement(run: LoadTestRun, rows: readonly ReplicaRow[], known: ReadonlySet<string>): Placement {
  const led = new Map<string, number>();
  for (const { leader, partitions } of rows) {
    if (leader !== undefined) led.set(leader, (led.get(leader) ?? 0) + partitions);
  }
  const partitions = [...led.values()].reduce((sum, count) => sum + count, 0);
  const measured = sharesOf(run, [...led.keys()], 'messagesInPerSecond');
  return {
    isRecorded: true,
    assumptions: measured === undefined ? ['each partition takes the same share of the messages'] : [],
    rows: rows.map(({ leader, replicas, outOfSync, partitions: count }) => ({
      ...(leader !== undefined && { leader }),
      followers: replicas.filter((id) => id !== leader && known.has(id)),
      outOfSync: new Set(outOfSync),
      share:
        leader === undefined
          ? 0
          : measured === undefined
            ? count / partitions
            : ((measured.get(leader) ?? 0) * count) / (led.get(leader) ?? count),
      partitions: count,
    })),
  };
}

/** RocketMQ names a broker `group:id`; the slaves of a group follow its master. */
function namedPlacement(run: LoadTestRun, brokers: readonly string[]): Placement {
  const shares = leaderShares(run);
  return {
    isRecorded: false,
    assumptions: [
      'queues are spread over the masters in proportion to the traffic that each received, and every slave copies its master',
    ],
    rows: [...shares].map(([leader, share]) => ({
      leader,
      followers: brokers.filter((id) => id !== leader && groupOf(id) === groupOf(leader)),
      outOfSync: new Set<string>(),
      share,
    })),
  };
}

/** With more brokers than this, one row per neighbour is as even as one row per pair. */
const mostPairs = 30;

function evenPlacement(run: LoadTestRun, brokers: readonly string[]): Placement {
  const { replicationFactor } = run.document.workload;
  const replicas = Math.min(brokers.length, replicationFactor ?? 1);
  const others = Math.min(brokers.length - 1, mostPairs);
  const isKnown = replicationFactor !== undefined && replicas === brokers.length;
  const rows = [...leaderShares(run)].flatMap(([leader, share]): TrafficRow[] => {
    const place = brokers.indexOf(leader);
    const around = [...brokers.slice(place + 1), ...brokers.slice(0, Math.max(0, place))];
    if (replicas < 2 || others < 1) return [{ leader, followers: [], outOfSync: new Set(), share }];
    return Array.from({ length: others }, (_, from) => ({
      leader,
      followers: Array.from({ length: replicas - 1 }, (__, next) => around[(from + next) % around.length] as string),
      outOfSync: new Set<string>(),
      share: share / others,
    }));
  });
  const unknown =
    replicationFactor === undefined
      ? 'the number of replicas is unknown, so followers are taken to fetch as much as before'
      : 'replicas were not recorded, and are taken to be spread evenly over the brokers';
  return { isRecorded: false, assumptions: isKnown ? ['leaders move evenly to the other brokers'] : [unknown], rows };
}

/** Uses incoming messages; if unreported, led partitions; otherwise equal shares. */
function leaderShares(run: LoadTestRun): ReadonlyMap<string, number> {
  const { brokers } = run.document.environment;
  const masters = withoutSlaves(brokers.map(({ id }) => id));
  const even = new Map(masters.map((id) => [id, 1 / Math.max(1, masters.length)]));
  return sharesOf(run, masters, 'messagesInPerSecond') ?? sharesOf(run, masters, 'leaders') ?? even;
}

function sharesOf(
  run: LoadTestRun,
  ids: readonly string[],
  figure: 'messagesInPerSecond' | 'leaders',
): ReadonlyMap<string, number> | undefined {
  const means = ids.map((id) => meanOfSamples(run.brokers?.get(id) ?? [], figure));
  const known = means.filter((value) => value !== undefined);
  const sum = known.reduce((total, value) => total + value, 0);
  if (!(sum > 0) || known.length < ids.length) return undefined;
  return new Map(ids.map((id, index) => [id, (means[index] as number) / sum]));
}

/** @param node a broker, or a host that brokers share @returns the brokers that use its resources */
export function brokersAt({ document }: Pick<LoadTestRun, 'document'>, node: string): string[] {
  return document.environment.brokers.flatMap(({ id, host }) => (id === node || host === node ? [id] : []));
}

/** RocketMQ: id 0 is the master; a slave leads nothing. */
export const { canLead: isMaster, group: groupOf } = rocketmq.brokerId;
