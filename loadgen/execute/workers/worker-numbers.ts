// Computes which message numbers belong to this worker, from its slots.

/** Slots owned from a message number on. */
type Era = ReturnType<typeof eraOf>;

/** @param slotCount a power of two: message n is on slot n % slotCount */
export function createWorkerNumbers(slots: readonly number[], slotCount: number) {
  const eras: Era[] = [eraOf(0, new Set(slots), slotCount)];
  const eraAt = (n: number) => eras.findLastIndex(({ from }) => from <= n);
  const countBelow = ({ slots: own, below }: Era, n: number) =>
    Math.floor(n / slotCount) * own.size + (below[n % slotCount] ?? 0);

  return {
    /** @returns the smallest own number that is at least `n`; Infinity if the worker owns no slot */
    atOrAfter(n: number): number {
      let index = eras.length === 1 ? 0 : eraAt(n);
      for (let at = n; ; at = eras[index]?.from ?? Infinity) {
        const found = at + (eras[index]?.distances[at % slotCount] ?? Infinity);
        index += 1;
        const next = eras[index];
        if (next === undefined || found < next.from) return found;
      }
    },
    /** @returns count of own numbers from `from` to `to` (exclusive) */
    count(from: number, to: number): number {
      if (to <= from) return 0;
      return eras.reduce((sum, era, index) => {
        const start = Math.max(from, era.from);
        const end = Math.min(to, eras[index + 1]?.from ?? Infinity);
        return end > start ? sum + countBelow(era, end) - countBelow(era, start) : sum;
      }, 0);
    },
    /** @returns this worker's part of the closed-loop senders, which are distributed like messages */
    lanesOf(lanes: number, at: number): number {
      const own = eras[eraAt(at)];
      return own === undefined ? 0 : countBelow(own, lanes);
    },
    /** Adds these slots from this number on. */
    adopt(more: readonly number[], fromNumber: number): void {
      const latest = eras.at(-1);
      const from = Math.max(fromNumber, latest?.from ?? 0);
      eras.push(eraOf(from, new Set([...(latest?.slots ?? []), ...more]), slotCount));
    },
  };
}

function eraOf(from: number, slots: ReadonlySet<number>, slotCount: number) {
  /** Distance from each slot to the next own slot; 0 for an own slot. */
  const distances = Array.from({ length: slotCount }, () => Infinity);
  for (let slot = 2 * slotCount - 1, distance = Infinity; slot >= 0; slot--) {
    distance = slots.has(slot % slotCount) ? 0 : distance + 1;
    distances[slot % slotCount] = distance;
  }
  let own = 0;
  /** Count of own slots below each slot. */
  const below = Array.from({ length: slotCount }, (_, slot) => (slots.has(slot) ? own++ : own));
  return { from, slots, distances, below };
}

/**
 * @param workers number of workers, or the weight of each: twice the weight gets twice the slots, to the nearest slot
 * @returns the slots of each worker, distributed in turn
 */
export function dealSlots(workers: number | readonly number[], slotCount: number): number[][] {
  const weights = typeof workers === 'number' ? Array.from({ length: workers }, () => 1) : workers;
  const dealt = weights.map((): number[] => []);
  for (let slot = 0; slot < slotCount; slot++) {
    // The next slot goes to the worker that would have the lowest ratio of slots to weight.
    const costs = weights.map((weight, worker) => ((dealt[worker]?.length ?? 0) + 1) / weight);
    dealt[costs.indexOf(Math.min(...costs))]?.push(slot);
  }
  return dealt;
}
