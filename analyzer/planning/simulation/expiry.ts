// Deletes expired data at the end of each minute, read or unread, and computes disk use.

import type { DayState } from './day-state.ts';
import type { SimulatedCluster, Stream } from './simulated-cluster.ts';

const minuteSeconds = 60;

/**
 * Deletes data older than the retention and, if the broker frees space itself, the oldest data. Unread messages in it are lost.
 *
 * @returns used share of the disk by set, on the machine that leads it while all are up
 */
export function expire(cluster: SimulatedCluster, state: DayState, minute: number): Float64Array {
  const { streams, sets, machines, failover, deletesBeyondShare } = cluster;
  const time = (minute + 1) * minuteSeconds;
  for (const { history, head } of state.streams) {
    for (const [set, values] of history.entries()) values[minute + 1] = head[set] ?? 0;
  }
  const used = new Float64Array(sets.length);
  for (const [set, { copies }] of sets.entries()) {
    const diskBytes = machines[copies[0] ?? 0]?.diskBytes ?? Infinity;
    const kept = failover === 'spread' ? copies.length : 1;
    const bytesFrom = (since: number) => {
      let sum = 0;
      for (let index = 0; index < streams.length; index += 1) {
        const stream = streams[index] as Stream;
        const { retentionSeconds, segments, cost } = stream;
        const history = state.streams[index]?.history[set];
        const bytesOf = (ageSeconds: number) => {
          const begin = Math.max(since, time - ageSeconds);
          const today = (history?.[minute + 1] ?? 0) - headAt(history, begin);
          return (messagesBefore(stream, begin) / sets.length + today) * cost.diskBytes;
        };
        const retained = bytesOf(retentionSeconds);
        const inSegments =
          segments === undefined
            ? 0
            : Math.min(segments.bytes / sets.length, bytesOf(retentionSeconds + segments.seconds) - retained);
        sum += (retained + inSegments) * kept;
      }
      return sum;
    };
    const all = bytesFrom(-Infinity);
    const limit = deletesBeyondShare === undefined ? Infinity : deletesBeyondShare * diskBytes;
    const since = all > limit ? oldestThatFits(bytesFrom, limit, time) : -Infinity;
    used[set] = (since === -Infinity ? all : bytesFrom(since)) / diskBytes;
    if (deletesBeyondShare === undefined && (used[set] ?? 0) >= 1) state.isFull[set] = 1;
    for (const reader of state.readers) {
      const horizon = Math.max(since, time - (streams[reader.stream]?.retentionSeconds ?? Infinity));
      const first = headAt(state.streams[reader.stream]?.history[set], horizon);
      const missed = first - (reader.position[set] ?? 0);
      if (missed <= 0) continue;
      reader.lost += missed;
      reader.position[set] = first;
    }
  }
  return used;
}

/** Messages of all sets from this moment to the start of the day. */
function messagesBefore({ averageTps, usualTps = averageTps, retentionSeconds }: Stream, begin: number): number {
  const seconds = Math.max(0, -begin);
  const recent = Math.min(seconds, retentionSeconds);
  return recent * averageTps + (seconds - recent) * usualTps;
}

/** Messages of the day before this moment; 0 before the day. */
function headAt(history: Float64Array | undefined, time: number): number {
  if (history === undefined || time <= 0) return 0;
  const at = time / minuteSeconds;
  const minute = Math.min(Math.floor(at), history.length - 1);
  const [low, high] = [history[minute] ?? 0, history[minute + 1] ?? history[minute] ?? 0];
  return low + (high - low) * (at - minute);
}

/** @returns the moment from which all kept data fits, to the second */
function oldestThatFits(bytesFrom: (since: number) => number, limit: number, time: number): number {
  let [tooOld, fits] = [-366 * 86_400, time];
  while (fits - tooOld > 1) {
    const middle = (tooOld + fits) / 2;
    if (bytesFrom(middle) > limit) tooOld = middle;
    else fits = middle;
  }
  return fits;
}
