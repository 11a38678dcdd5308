// Keeps one reading per minute of a cluster for a day and a half, plus one at each broker change.

import type { CourseReading } from '../../analyzer/production/grading/course.ts';
import { silentBrokers } from '../../brokers/broker-answers.ts';
import { lagColumn, sumOf } from '../../brokers/offset-column.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { distance } from '../../core/consumer-lag.ts';
import { hasAllOffsets } from '../clusters/group-lag.ts';
import type { ServedCluster } from '../parts.ts';

/** The day that just ended and the one that began. */
export const keptMs = 36 * 3_600_000;
const spacingMs = 55_000;
/** Growth of a lag over a longer time says nothing about the last minutes. */
const comparableMs = 600_000;

export type WatchedCluster = Pick<ServedCluster, 'last' | 'traffic'>;

/** Of a group in one topic; of RocketMQ, in its queues at one broker. */
interface TopicLag {
  atMs: number;
  messages: number;
  /** Sum of its commits. */
  committed: bigint;
}

export class WatchedCourse {
  #readings: CourseReading[] = [];
  /** By group, then by topic: of the last reading, or of a group without members the one that first showed its commits. */
  #lags = new Map<string, Map<string, TopicLag>>();
  #lag = 0;
  /** Since the last reading that was kept: messages, and the milliseconds they were produced in. */
  #since = { messages: 0, ms: 0 };
  #seenMs = 0;
  #ratesMs = 0;

  /** @returns whether there is a new reading */
  watch(cluster: WatchedCluster, stoppedSeconds?: ReadonlyMap<string, number>): boolean {
    const last = cluster.last();
    const atMs = last?.at.getTime() ?? 0;
    if (last === undefined || atMs === this.#seenMs) return false;
    // After the wall clock was set back, the times of later readings come again.
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

  /** What is first seen has no growth yet, and commits that move back are a reset: neither is a lag that load caused. */
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
        // Consumers that assign partitions to themselves are no members, but they commit.
        const isWaiting = group.members === 0 && lag.committed === last.committed;
        const isComparable = lag.committed >= last.committed && atMs - last.atMs <= comparableMs;
        if (isWaiting) now.set(topic, last);
        else if (isComparable) this.#lag += lag.messages - last.messages;
      }
    }
  }

  /** Rates are made less often than readings where those come close together. */
  #addRates({ traffic }: WatchedCluster): void {
    const rates = traffic();
    if (rates?.produceTps === undefined || rates.at.getTime() === this.#ratesMs) return;
    this.#ratesMs = rates.at.getTime();
    this.#since.messages += rates.produceTps * rates.seconds;
    this.#since.ms += rates.seconds * 1000;
  }
}

/** One set for as long as nothing changes: a day of them would be most of the memory. */
function sameAs(before: ReadonlySet<string> | undefined, ids: ReadonlySet<string>): ReadonlySet<string> {
  return before !== undefined && before.symmetricDifference(ids).size === 0 ? before : ids;
}

/** One that is listed and could not be read is away: name servers list it for two minutes more. */
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
