// Records one reading per minute of a cluster for a day and a half, plus one at each broker change.

import type { CourseReading } from '../../analyzer/production/grading/course.ts';
import { silentBrokers } from '../../brokers/broker-answers.ts';
import { lagColumn, sumOf } from '../../brokers/offset-column.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { distance } from '../../core/consumer-lag.ts';
import { hasAllOffsets } from '../clusters/group-lag.ts';
import type { ServedCluster } from '../parts.ts';

/** Covers the day that just ended and the current one. */
export const keptMs = 36 * 3_600_000;
const spacingMs = 55_000;
/** The growth of a lag over a longer time says nothing about the last minutes. */
const comparableMs = 600_000;

export type WatchedCluster = Pick<ServedCluster, 'last' | 'traffic'>;

/** Lag of a group in one topic; on RocketMQ, in the queues of one broker. */
interface TopicLag {
  atMs: number;
  messages: number;
  /** Sum of the committed offsets. */
  committed: bigint;
}

export class WatchedCourse {
  #readings: CourseReading[] = [];
  /** By group, then by topic: lag at the last reading, or for a group without members at the first reading with these commits. */
  #lags = new Map<string, Map<string, TopicLag>>();
  #lag = 0;
  /** Since the last recorded reading: messages, and the milliseconds in which they were produced. */
  #since = { messages: 0, ms: 0 };
  #seenMs = 0;
  #ratesMs = 0;

  /** @returns whether a new reading was recorded */
  watch(cluster: WatchedCluster, stoppedSeconds?: ReadonlyMap<string, number>): boolean {
    const last = cluster.last();
    const atMs = last?.at.getTime() ?? 0;
    if (last === undefined || atMs === this.#seenMs) return false;
    // If the wall clock was set back, drops readings with later times.
    if (atMs < this.#seenMs) this.#readings = this.#readings.filter((reading) => reading.atMs < atMs);
    this.#seenMs = atMs;
    this.#addRates(cluster);
    const before = this.#readings.at(-1);
    const brokers = sameAs(before?.brokers, answering(last.snapshot));
    if (before !== undefined && atMs - before.atMs < spacingMs && brokers === before.brokers) return false;
    const { messages, ms } = this.#since;
    this.#addLag(last.snapshot, atMs);
    this.#readings.push({
      atMs,
      brokers,
      ...(ms > 0 && { produceTps: (1000 * messages) / ms }),
      ...(last.snapshot.groups.length > 0 && { lag: this.#lag }),
      ...(stoppedSeconds !== undefined && { stoppedSeconds }),
    });
    this.#since = { messages: 0, ms: 0 };
    const from = this.#readings.findIndex((reading) => reading.atMs >= atMs - keptMs);
    if (from > 0) this.#readings.splice(0, from);
    return true;
  }

  get readings(): readonly CourseReading[] {
    return this.#readings;
  }

  /**
   * Adds the growth of lag caused by load: a group seen for the first time has no growth, and commits that decrease are
   * a reset.
   */
  #addLag({ groups }: ClusterSnapshot, atMs: number): void {
    const before = this.#lags;
    this.#lags = new Map();
    for (const group of groups) {
      const known = before.get(group.name) ?? new Map<string, TopicLag>();
      const now = hasAllOffsets(group) ? lagsByTopic(group, atMs) : known;
      this.#lags.set(group.name, now);
      for (const [topic, lag] of now) {
        const last = known.get(topic);
        if (last === undefined || last === lag) continue;
        // Consumers with manual partition assignment are no members, but they commit.
        const isWaiting = group.members === 0 && lag.committed === last.committed;
        const isComparable = lag.committed >= last.committed && atMs - last.atMs <= comparableMs;
        if (isWaiting) now.set(topic, last);
        else if (isComparable) this.#lag += lag.messages - last.messages;
      }
    }
  }

  /** Counts each rate once, because rates are computed less often than readings if those are close together. */
  #addRates({ traffic }: WatchedCluster): void {
    const rates = traffic();
    if (rates?.produceTps === undefined || rates.at.getTime() === this.#ratesMs) return;
    this.#ratesMs = rates.at.getTime();
    this.#since.messages += rates.produceTps * rates.seconds;
    this.#since.ms += rates.seconds * 1000;
  }
}

/** Reuses one set while brokers do not change, because a day of sets would use most of the memory. */
function sameAs(before: ReadonlySet<string> | undefined, ids: ReadonlySet<string>): ReadonlySet<string> {
  return before !== undefined && before.symmetricDifference(ids).size === 0 ? before : ids;
}

/** Excludes a listed broker that could not be read: name servers list a lost broker for two more minutes. */
function answering({ cluster, sections }: ClusterSnapshot): ReadonlySet<string> {
  const silent = silentBrokers(sections);
  return new Set(cluster.brokers.flatMap(({ id }) => (silent.has(id) ? [] : [id])));
}

function lagsByTopic({ partitions }: GroupSnapshot, atMs: number): Map<string, TopicLag> {
  const lags = new Map<string, TopicLag>();
  const add = (key: string, committed: bigint, messages: bigint) => {
    const lag = lags.get(key) ?? { atMs, messages: 0, committed: 0n };
    lags.set(key, lag);
    lag.messages += Number(messages);
    lag.committed += committed;
  };
  const columns = partitions.committed?.();
  if (columns !== undefined) {
    for (const { topic, committed, ends } of columns) {
      if (committed.length > 0) add(topic, sumOf(committed), sumOf(lagColumn(ends, committed)));
    }
    return lags;
  }
  for (const { topic, brokerName = '', end, committed } of partitions) {
    if (committed !== undefined) add(`${topic}\0${brokerName}`, committed, distance(committed, end));
  }
  return lags;
}
