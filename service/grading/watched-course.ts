// Keeps one reading per minute of a cluster for a day and a half, plus one at each broker change.

import type { CourseReading } from '../../analyzer/production/grading/course.ts';
import { silentBrokers } from '../../brokers/broker-answers.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ServedCluster } from '../parts.ts';

/** The day that just ended and the one that began. */
export const keptMs = 36 * 3_600_000;
const spacingMs = 55_000;

export type WatchedCluster = Pick<ServedCluster, 'last' | 'traffic'>;

export class WatchedCourse {
  #readings: CourseReading[] = [];
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
    const lag = lagOf(last.snapshot);
    this.#readings.push({
      atMs,
      brokers,
      ...(ms > 0 && { produceTps: (1000 * messages) / ms }),
      ...(lag !== undefined && { lag }),
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

function lagOf({ groups }: ClusterSnapshot): number | undefined {
  if (groups.length === 0) return undefined;
  let messages = 0;
  for (const { partitions } of groups) {
    for (const { end, committed } of partitions.behind?.() ?? partitions) {
      if (committed !== undefined && end > committed) messages += Number(end - committed);
    }
  }
  return messages;
}
