// Keeps a bounded history of end offsets per partition, to find when the message at an offset was stored.

/*
 * Each partition has a ring of at most 32 points (time, end offset), both rising. The message at offset c was stored when
 * the end passed c: between the last point whose end is at most c and the first whose end is above it, and on the line
 * between the two where nothing else is known. Nothing is ever read off beyond the ends of the history.
 *
 * A flat run keeps its first and its last point, so that an idle partition costs two. When the 32 are full, the point goes
 * that matters least for its age: a straight run thins out first, and old points lie wider apart than new ones. So a history
 * has no fixed window: 32 points reach from seconds to months, with brackets that grow with their age.
 *
 * Over a gap in the readings, as while the exporter is down, no line shows when the end passed an offset. A gap is two points
 * at the time of the first reading after it: with the end before it, and with that reading's. The first goes like any other
 * point once the gap is short for its age; the second stays for as long as the first.
 *
 * 16 bytes a point, 512 a partition, in blocks of 64 partitions: 51 MB for 100,000 partitions, and 41 ms of CPU for a
 * reading of all of them once every history is full (Node 24).
 */

export const pointsPerPartition = 32;
const partitionsPerBlock = 64;
const doublesPerPartition = 2 * pointsPerPartition;

/** Longer than scrapes lie apart: Prometheus wants them less than 5 minutes apart. */
const longestIntervalSeconds = 600;

/** What a point adds by the time it spans, next to what it adds by the bend of the line there. */
const weightOfSpan = 0.1;

/** Times in seconds on the clock the points were observed with. */
type StoredAt =
  /** The end was still at or below the offset, it was above, and on the line between the two. */
  | { kind: 'between'; after: number; before: number; at: number }
  /** Stored at or before the oldest point, or the end of a gap between readings, at an unknown time. */
  | { kind: 'before-history'; before: number }
  | { kind: 'unknown' };

/** Slots are small numbers the caller holds; offsets are exact up to 2^53, beyond that to one in 2^53. */
export function createOffsetHistory({ maxPartitions }: { maxPartitions: number }) {
  const blocks: Float64Array[] = [];
  let counts = new Uint8Array(partitionsPerBlock);
  const free: number[] = [];
  let opened = 0;

  function doublesOf(slot: number): Float64Array {
    const block = blocks[Math.floor(slot / partitionsPerBlock)];
    if (block === undefined) throw new Error(`slot ${slot} was never opened`);
    const from = (slot % partitionsPerBlock) * doublesPerPartition;
    return block.subarray(from, from + doublesPerPartition);
  }
  const countOf = (slot: number) => counts[slot] ?? 0;

  /** @returns how many points there are then */
  function append(points: Float64Array, count: number, time: number, end: number): number {
    const at = count === pointsPerPartition ? leaveOneOut(points, time) : count;
    points[2 * at] = time;
    points[2 * at + 1] = end;
    return at + 1;
  }

  return {
    /** @returns undefined when the history is full: a partition more would pass its memory */
    open() {
      const slot = free.pop() ?? (opened < maxPartitions ? opened++ : undefined);
      if (slot === undefined) return undefined;
      if (Math.floor(slot / partitionsPerBlock) === blocks.length) {
        blocks.push(new Float64Array(partitionsPerBlock * doublesPerPartition));
      }
      if (slot === counts.length) counts = new Uint8Array(counts.buffer.transfer(2 * counts.length));
      counts[slot] = 0;
      return slot;
    },

    close(slot: number) {
      counts[slot] = 0;
      free.push(slot);
    },

    /** An end below the last one means another log under the same name: its history restarts. */
    observe(slot: number, time: number, end: number) {
      const points = doublesOf(slot);
      let count = countOf(slot);
      if (count > 0) {
        const last = 2 * (count - 1);
        const lastTime = points[last] ?? 0;
        const lastEnd = points[last + 1] ?? 0;
        const isGap = time - lastTime > longestIntervalSeconds;
        if (end < lastEnd) count = 0;
        // A reading shown again, or one that came out of order, says nothing new.
        else if (time <= lastTime) return;
        else if (end === lastEnd || isGap) {
          // The last point of a flat run moves on.
          if (count > 1 && points[last - 1] === lastEnd) count--;
          if (end > lastEnd) count = append(points, count, time, lastEnd);
        }
      }
      counts[slot] = append(points, count, time, end);
    },

    /** Drops points below the start of the log, except for the last one. */
    forgetBelow(slot: number, start: number) {
      const points = doublesOf(slot);
      const count = countOf(slot);
      let below = 0;
      while (below < count && (points[2 * below + 1] ?? 0) <= start) below++;
      if (below < 2) return;
      points.copyWithin(0, 2 * (below - 1), 2 * count);
      counts[slot] = count - (below - 1);
    },

    clear(slot: number) {
      counts[slot] = 0;
    },

    storedAt(slot: number, offset: number): StoredAt {
      const points = doublesOf(slot);
      const count = countOf(slot);
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((points[2 * middle + 1] ?? 0) > offset) high = middle;
        else low = middle + 1;
      }
      if (low === count) return { kind: 'unknown' };
      const before = points[2 * low] ?? 0;
      if (low === 0) return { kind: 'before-history', before };
      const after = points[2 * low - 2] ?? 0;
      if (after === before) return { kind: 'before-history', before };
      const from = points[2 * low - 1] ?? 0;
      const to = points[2 * low + 1] ?? 0;
      // The message at an offset is stored when the end becomes that offset plus one.
      return { kind: 'between', after, before, at: after + ((offset + 1 - from) / (to - from)) * (before - after) };
    },

    /** Pairs of time and end, oldest first; a view, valid until the next change. */
    points: (slot: number) => doublesOf(slot).subarray(0, 2 * countOf(slot)),

    restore(slot: number, points: Float64Array) {
      doublesOf(slot).set(points);
      counts[slot] = points.length / 2;
    },
  };
}

/** @returns how many points are left; the oldest and the newest always stay */
function leaveOneOut(points: Float64Array, now: number): number {
  let least = Infinity;
  let out = 1;
  // This runs for every partition at every reading: nothing is allocated here.
  let t0 = points[0] ?? 0;
  let o0 = points[1] ?? 0;
  let t1 = points[2] ?? 0;
  let o1 = points[3] ?? 0;
  for (let index = 1; index < pointsPerPartition - 1; index++) {
    const t2 = points[2 * index + 2] ?? 0;
    const o2 = points[2 * index + 3] ?? 0;
    const onTheLine = o2 === o0 ? t1 : t0 + ((o1 - o0) / (o2 - o0)) * (t2 - t0);
    const worth = (Math.abs(t1 - onTheLine) + weightOfSpan * (t2 - t0)) / (now - t1);
    // Without its second point a gap would look like a bracket; without the first it is one.
    if (worth < least && t1 !== t0) {
      least = worth;
      out = index;
    }
    t0 = t1;
    o0 = o1;
    t1 = t2;
    o1 = o2;
  }
  points.copyWithin(2 * out, 2 * out + 2);
  return pointsPerPartition - 1;
}
