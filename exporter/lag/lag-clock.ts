// Computes time lag: the age of the next message of each group, from a history that survives restarts.

import type { Clock } from '../../core/clock.ts';
import { isBeyondEnd, nextOffset } from '../../core/consumer-lag.ts';
import type { ConsumerLag, PartitionOffsets, PartitionPlace } from '../../core/cluster.ts';
import type { Logger } from '../../core/log.ts';
import { removeAbandonedDrafts } from '../../core/files.ts';
import { clusterNamesIn } from '../../brokers/cluster-id.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { readHistory, writeHistory } from './history-file.ts';
import type { LagTime, LagTimes } from './lag-times.ts';
import { readingAges, type ReadingAges } from './reading-ages.ts';
import { createTrackedPartitions, type TrackedTopic } from './tracked-partitions.ts';

export type LagClock = ReturnType<typeof createLagClock>;

/** Most history that a crash loses. */
const saveEverySeconds = 60;

/** The uncertainty is seconds, so more digits would only fill the page. */
const inMilliseconds = (duration: number) => Math.round(Math.max(0, duration) * 1000) / 1000;

/** @param stateFile preserves the history across restarts; without it each start begins with none */
export function createLagClock({ clock, log, stateFile }: { clock: Clock; log: Logger; stateFile?: string }) {
  const tracked = createTrackedPartitions();
  const { history, topics } = tracked;
  // Seconds since the epoch on a monotonic clock: a step of the wall clock must not distort the history, and suspended time counts.
  const steady = () => clock.sinceBoot?.() ?? clock.monotonic();
  const origin = clock.now().getTime() / 1000 - steady();
  const time = () => origin + steady();
  const aheadOfWall = () => time() - clock.now().getTime() / 1000;
  let clusterId = stateFile === undefined ? undefined : restored(stateFile);
  let clampedTotal = 0;
  let savedAt = time();
  let observedAt = -Infinity;
  let saving: Promise<void> | undefined;
  let isFailing = false;
  let isFull = false;
  let last: { of: Pick<ClusterSnapshot, 'sections' | 'cluster'>; times: LagTimes } | undefined;

  function restored(path: string): string | undefined {
    removeAbandonedDrafts(path, clock.now());
    const read = readHistory(path, clock.now(), tracked);
    if (read.kind === 'unusable') {
      log.warn({ file: path, reason: read.reason }, 'offset history unusable; time lag restarts');
    }
    return read.kind === 'read' ? read.head.clusterId : undefined;
  }

  async function save(path: string): Promise<void> {
    savedAt = time();
    const head = {
      savedAtMs: clock.now().getTime(),
      aheadOfWallSeconds: aheadOfWall(),
      ...(clusterId !== undefined && { clusterId }),
    };
    try {
      await writeHistory(path, head, tracked);
      isFailing = false;
    } catch (cause) {
      const reason = (cause as Error).message;
      if (!isFailing) log.warn({ file: path, reason }, 'cannot store the history of offsets; a restart would lose it');
      isFailing = true;
    }
  }

  /** Follows only partitions that some group consumes, or that have an open transaction. */
  function follow(snapshot: ClusterSnapshot, now: number): void {
    const ids = new Map(snapshot.topics.map(({ name, id }) => [name, id]));
    let name: string | undefined;
    let topic: TrackedTopic | undefined;
    const track = (place: PartitionPlace) => {
      // Partitions of a topic are consecutive.
      if (topic === undefined || place.topic !== name) {
        name = place.topic;
        topic = tracked.topic(name, ids.get(name), now);
      }
      if (tracked.slot(topic, place.brokerName, place.partition) !== undefined || isFull) return;
      log.warn('too many partitions for a history of offsets, some lags in seconds are missing');
      isFull = true;
    };
    for (const group of snapshot.groups) {
      for (const lag of group.partitions) {
        if (lag.committed === undefined) continue;
        if (isBeyondEnd(lag)) clampedTotal++;
        track(lag);
      }
    }
    for (const partition of snapshot.offsets) if (hasOpenTransaction(partition)) track(partition);
    tracked.forget(now);
  }

  /** Uses the ends as read, not those of a group: a group shown from an earlier reading has the ends of that time. */
  function remember({ offsets }: ClusterSnapshot, ages: ReadingAges, now: number): void {
    const sinceLast = clock.monotonic() - observedAt;
    observedAt = clock.monotonic();
    for (const offset of offsets) {
      const slot = slotOf(offset);
      if (slot === undefined || offset.end === undefined) continue;
      const age = ages.ofEnd(offset);
      // Already recorded. The tolerance covers an age that omits suspended time.
      if (age > 0 && age >= sinceLast) continue;
      history.observe(slot, now - age, Number(offset.end));
      if (offset.start !== undefined) history.forgetBelow(slot, Number(offset.start));
    }
  }

  const slotOf = ({ topic, brokerName = '', partition }: PartitionPlace): number | undefined =>
    topics.get(topic)?.slots.get(brokerName)?.get(partition);

  function storedAt(place: PartitionPlace, offset: bigint) {
    const slot = slotOf(place);
    return slot === undefined ? ({ kind: 'unknown' } as const) : history.storedAt(slot, Number(offset));
  }

  /** @param ahead seconds our time is ahead of the wall clock, which brokers use for message timestamps */
  function secondsOf(
    lag: ConsumerLag,
    next: bigint,
    now: number,
    ahead: number,
  ): Omit<LagTime, 'ageSeconds'> | undefined {
    if (lag.nextStoredAtMs !== undefined) {
      return { seconds: inMilliseconds(now - ahead - lag.nextStoredAtMs / 1000), method: 'store-time' };
    }
    const stored = storedAt(lag, next);
    // The next message was stored after the last consumed one, which is the closer bound if it lies between the same two points.
    const consumedAt = lag.consumedStoredAtMs === undefined ? undefined : lag.consumedStoredAtMs / 1000 + ahead;
    if (
      consumedAt !== undefined &&
      (stored.kind !== 'between' || (consumedAt > stored.after && consumedAt <= stored.before))
    ) {
      return { seconds: inMilliseconds(now - consumedAt), method: 'store-time' };
    }
    return stored.kind === 'between' ? { seconds: inMilliseconds(now - stored.at), method: 'interpolated' } : undefined;
  }

  return {
    /** Adds the ends of consumed partitions to the history, once per reading, in order. */
    observe(snapshot: ClusterSnapshot): LagTimes {
      // Several callers pass the same reading, each with its own name filter; these fields are shared by all of them.
      const { sections, cluster } = snapshot;
      if (last !== undefined && last.of.sections === sections && last.of.cluster === cluster) return last.times;
      const now = time();
      const ahead = aheadOfWall();
      const { clusterId: id } = snapshot.cluster;
      if (id !== undefined && id !== clusterId) {
        // Another cluster responds under this name, so its offsets are unrelated.
        if (clusterId !== undefined && clusterNamesIn(id).isDisjointFrom(clusterNamesIn(clusterId))) tracked.clear();
        clusterId = id;
      }
      const ages = readingAges(snapshot);
      follow(snapshot, now);
      remember(snapshot, ages, now);
      if (stateFile !== undefined && saving === undefined && now - savedAt >= saveEverySeconds) {
        saving = save(stateFile).finally(() => (saving = undefined));
      }
      const times: LagTimes = {
        clampedTotal,
        of(group, lag) {
          if (lag.committed === undefined) return undefined;
          const ageSeconds = ages.ofLag(group, lag);
          const next = lag.nextMessageOffset ?? nextOffset({ committed: lag.committed, start: lag.start });
          // Beyond an end that was read earlier, too, it is unknown whether the group has caught up.
          if (isBeyondEnd(lag) || (next > lag.end && ages.ofEnd(lag) > 0)) return undefined;
          if (next >= lag.end) return { seconds: 0, method: 'caught-up', ageSeconds };
          const known = secondsOf(lag, next, now, ahead);
          return known === undefined ? undefined : { ...known, ageSeconds };
        },
        openTransactionSeconds(partition) {
          if (!hasOpenTransaction(partition)) return 0;
          const stored = storedAt(partition, partition.lastStable);
          if (stored.kind === 'unknown') return undefined;
          return inMilliseconds(now - (stored.kind === 'between' ? stored.at : stored.before));
        },
      };
      last = { of: { sections, cluster }, times };
      return times;
    },

    async [Symbol.asyncDispose]() {
      await saving;
      // For a cluster that another exporter owns, the file is newer.
      if (stateFile !== undefined && last !== undefined) await save(stateFile);
    },
  };
}

const hasOpenTransaction = (
  partition: PartitionOffsets,
): partition is PartitionOffsets & Required<Pick<PartitionOffsets, 'lastStable'>> =>
  partition.lastStable !== undefined && partition.end !== undefined && partition.lastStable < partition.end;
