// Exports lag in seconds, unread messages and messages lost to retention of each consumer group.

import { getOrMake } from '../../core/get-or-make.ts';
import { progressOf, type PartitionProgress } from '../../core/consumer-lag.ts';
import type { ConsumerLag } from '../../core/cluster.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { ok, type ClusterCollector, known, labelled, type Measurement } from '../collector.ts';
import type { LagTime, LagTimes } from '../lag/lag-times.ts';
import { readingAges } from '../lag/reading-ages.ts';
import { topicsWithUnreadEnds } from './unread-ends.ts';

const perTopic = labelled('consumergroup', 'topic');

const states = ['uncommitted', 'ok', 'beyond-end', 'lost', 'unread'] as const satisfies readonly State[];
/** `unread`: committed, but the end is unknown or older than the commit, so the progress is unknown. */
type State = PartitionProgress['kind'] | 'unread';

const methods = ['interpolated', 'store-time', 'caught-up', 'unknown'] as const;
type Method = LagTime['method'] | 'unknown';

const howOld = (of: string) =>
  `Age of the oldest message of the ${of} that the group has not committed and can still read; 0 without lag.`;
const whole =
  'Absent while a partition of the topic could not be read, and in RocketMQ while the topics of a broker were never read.';

export const consumerLag = {
  of: 'cluster',
  usesLagTimes: true,
  source: 'commits and ends as read for the other collectors, and the history of ends kept by the exporter',
  cost: 'no additional request',
  metrics: {
    plimsoll_consumergroup_lag_seconds: labelled('consumergroup', 'topic', 'partition').gauge(
      `${howOld('Kafka partition')} Absent when unknown.`,
    ),
    plimsoll_consumergroup_queue_lag_seconds: labelled('consumergroup', 'topic', 'broker', 'queue').gauge(
      `${howOld('RocketMQ queue')} Absent when unknown.`,
    ),
    plimsoll_consumergroup_lag_max_seconds: perTopic.gauge(
      'Highest lag in seconds of all partitions of the topic. Absent while the lag of one of them is unknown, since that one may be the highest.',
    ),
    plimsoll_consumergroup_lag_age_seconds: perTopic.gauge(
      'Age of the oldest commits or end offsets from which the lag of the topic is computed; it rises while brokers do not answer.',
    ),
    plimsoll_consumergroup_lag_method_partitions: labelled('consumergroup', 'topic', 'method').gauge(
      'Committed partitions of the topic by how their lag in seconds is computed: `interpolated` between readings of the end, ' +
        '`store-time` of the last message consumed as the broker reports it, `caught-up`, or `unknown`; a partition without a leader is unknown.',
      { additive: true },
    ),
    plimsoll_consumergroup_partitions: labelled('consumergroup', 'topic', 'state').gauge(
      'Partitions of the topic by state of the group in them: `uncommitted` has no lag, `ok` has one, ' +
        '`beyond-end` has a commit beyond the end, as after the topic was re-created, and no known lag, ' +
        '`lost` is one where retention deleted messages before they were read, `unread` is committed and its end could not be read, as without a leader.',
      { additive: true },
    ),
    plimsoll_consumergroup_consumable_lag_messages: perTopic.gauge(
      `Messages that the group has not committed and can still read: end offset minus committed offset, or minus the log start where the commit is below it. ${whole}`,
      { additive: true },
    ),
    plimsoll_consumergroup_last_stable_lag_messages: perTopic.gauge(
      `Messages between the commits and the last stable offsets, which is the end for a reader of committed transactions. ${whole}`,
      { additive: true },
    ),
    plimsoll_consumergroup_lost_messages: perTopic.gauge(
      `Messages below the log start that the group had not committed: retention deleted them unread. ${whole}`,
      { additive: true },
    ),
    plimsoll_consumergroup_lag_clamped_total: labelled().counter(
      'Negative lags shown as 0 since the exporter started: after a topic is re-created, commits are beyond its end.',
      'lags',
    ),
  },

  collect: ({ snapshot, lagTimes }) => ok(lagsOf(snapshot, lagTimes)),
} satisfies ClusterCollector;

function* lagsOf(snapshot: ClusterSnapshot, lagTimes: LagTimes | undefined): Iterable<Measurement> {
  const unread = topicsWithUnreadEnds(snapshot);
  const ages = readingAges(snapshot);
  const filled = filledPartitions(snapshot.offsets);
  for (const group of snapshot.groups) {
    // Members of broadcasting groups store their offsets locally.
    if (group.kind === 'broadcasting') continue;
    const byTopic = new Map<string, Tally>();
    for (const lag of group.partitions) {
      const time = lagTimes?.of(group.name, lag);
      if (time !== undefined) yield secondsOf(group, lag, time);
      const progress = progressOf(lag);
      const tally = getOrMake(byTopic, lag.topic, emptyTally);
      if (filled.get(lag.topic)?.has(lag.partition) === true) tally.filled++;
      // Other brokers report newer commits of a partition whose leader does not answer.
      if (progress.kind === 'beyond-end' && ages.ofEnd(lag) > 0) addUnread(tally, 1);
      else add(tally, progress, time);
    }
    for (const [topic, commits] of group.withoutEnd ?? []) {
      const tally = getOrMake(byTopic, topic, emptyTally);
      addUnread(tally, commits.length);
      // Commits kept from before the end could be read.
      tally.filled += commits.filter(({ partition }) => filled.get(topic)?.has(partition) === true).length;
    }
    for (const [topic, tally] of byTopic) {
      // Kafka lists only partitions in which the group committed, or that are assigned to it.
      if (hasCommits(tally)) tally.states.uncommitted += (filled.get(topic)?.size ?? 0) - tally.filled;
      yield* measure([group.name, topic], tally, { isWhole: !unread.has(topic), isTimed: lagTimes !== undefined });
    }
  }
  yield* known('plimsoll_consumergroup_lag_clamped_total', [], lagTimes?.clampedTotal);
}

/** @returns the partitions with messages by topic, without queues of named brokers, which groups list themselves */
function filledPartitions(offsets: ClusterSnapshot['offsets']): ReadonlyMap<string, ReadonlySet<number>> {
  const filled = new Map<string, Set<number>>();
  for (const { topic, partition, brokerName, end = 0n } of offsets) {
    if (brokerName === undefined && end > 0n) getOrMake(filled, topic, () => new Set()).add(partition);
  }
  return filled;
}

function secondsOf({ name }: GroupSnapshot, lag: ConsumerLag, { seconds }: LagTime): Measurement {
  const { topic, partition, brokerName } = lag;
  return brokerName === undefined
    ? { metric: 'plimsoll_consumergroup_lag_seconds', labels: [name, topic, String(partition)], value: seconds }
    : {
        metric: 'plimsoll_consumergroup_queue_lag_seconds',
        labels: [name, topic, brokerName, String(partition)],
        value: seconds,
      };
}

/** Sums over the partitions of one topic. A sum is undefined as soon as one partition is unknown. */
interface Tally {
  states: Record<State, number>;
  /** Listed partitions that have messages now. */
  filled: number;
  methods: Record<Method, number>;
  maxSeconds: number;
  ageSeconds: number;
  consumable: bigint | undefined;
  toLastStable: bigint | undefined;
  lost: bigint;
}

function emptyTally(): Tally {
  return {
    states: { uncommitted: 0, ok: 0, 'beyond-end': 0, lost: 0, unread: 0 },
    filled: 0,
    methods: { interpolated: 0, 'store-time': 0, 'caught-up': 0, unknown: 0 },
    maxSeconds: 0,
    ageSeconds: 0,
    consumable: 0n,
    toLastStable: 0n,
    lost: 0n,
  };
}

function addUnread(tally: Tally, partitions: number): void {
  tally.states.unread += partitions;
  tally.methods.unknown += partitions;
}

function add(tally: Tally, progress: PartitionProgress, time: LagTime | undefined): void {
  tally.states[progress.kind]++;
  if (progress.kind === 'uncommitted') return;
  tally.methods[time?.method ?? 'unknown']++;
  tally.maxSeconds = Math.max(tally.maxSeconds, time?.seconds ?? 0);
  tally.ageSeconds = Math.max(tally.ageSeconds, time?.ageSeconds ?? 0);
  tally.consumable = sum(tally.consumable, progress.consumable);
  tally.toLastStable = sum(tally.toLastStable, progress.toLastStable);
  if (progress.kind === 'lost') tally.lost += progress.lostMessages;
}

const measuredIn = ({ states }: Tally) => states.ok + states['beyond-end'] + states.lost;
const hasCommits = (tally: Tally) => measuredIn(tally) + tally.states.unread > 0;

const sum = (total: bigint | undefined, part: bigint | undefined) =>
  total === undefined || part === undefined ? undefined : total + part;

function* measure(
  labels: readonly string[],
  tally: Tally,
  { isWhole, isTimed }: { isWhole: boolean; isTimed: boolean },
): Iterable<Measurement> {
  for (const state of states) {
    yield { metric: 'plimsoll_consumergroup_partitions', labels: [...labels, state], value: tally.states[state] };
  }
  if (!hasCommits(tally)) return;
  if (isTimed) {
    for (const method of methods) {
      const value = tally.methods[method];
      yield { metric: 'plimsoll_consumergroup_lag_method_partitions', labels: [...labels, method], value };
    }
    if (measuredIn(tally) > 0)
      yield { metric: 'plimsoll_consumergroup_lag_age_seconds', labels, value: tally.ageSeconds };
    if (isWhole && tally.methods.unknown === 0) {
      yield { metric: 'plimsoll_consumergroup_lag_max_seconds', labels, value: tally.maxSeconds };
    }
  }
  if (!isWhole || tally.states.unread > 0) return;
  if (tally.consumable !== undefined) {
    yield { metric: 'plimsoll_consumergroup_consumable_lag_messages', labels, value: tally.consumable };
    // If the start is known, so are the messages lost below it.
    yield { metric: 'plimsoll_consumergroup_lost_messages', labels, value: tally.lost };
  }
  yield* known('plimsoll_consumergroup_last_stable_lag_messages', labels, tally.toLastStable);
}
