// Computes exact percentiles of durations by keeping each distinct duration with its count.

/**
 * Logs have microsecond resolution: hours of pauses have about ten thousand distinct values. Above the limit,
 * neighbours are merged.
 */
const mostDistinct = 2 ** 16;
/** Recent values, which are sorted together into the kept ones. */
const mostRecent = 2 ** 13;

interface Kept {
  /** Distinct values, ascending. */
  values: Float64Array;
  counts: Float64Array;
}

export class Durations {
  #kept: Kept = { values: new Float64Array(), counts: new Float64Array() };
  #recent = new Float64Array(16);
  #recentCount = 0;
  #count = 0;

  add(seconds: number): void {
    if (this.#recentCount === this.#recent.length) this.#makeRoom();
    this.#recent[this.#recentCount] = seconds;
    this.#recentCount += 1;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * @returns the smallest value that at least `share` of all values do not exceed (nearest rank); undefined if there
   * are none
   */
  quantile(share: number): number | undefined {
    const { values, counts } = this.#all();
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    return values.find((_, index) => (seen += counts[index] as number) >= rank);
  }

  countAbove(seconds: number): number {
    const { values, counts } = this.#all();
    return counts.reduce((sum, count, index) => ((values[index] as number) > seconds ? sum + count : sum), 0);
  }

  #makeRoom(): void {
    if (this.#recent.length < mostRecent) {
      const larger = new Float64Array(this.#recent.length * 2);
      larger.set(this.#recent);
      this.#recent = larger;
    } else {
      this.#all();
    }
  }

  #all(): Kept {
    if (this.#recentCount > 0) {
      const merged = merge(this.#kept, this.#recent.subarray(0, this.#recentCount).sort());
      this.#kept = merged.values.length > mostDistinct ? halve(merged) : merged;
      this.#recentCount = 0;
    }
    return this.#kept;
  }
}

/** @param added ascending values */
function merge({ values, counts }: Kept, added: Float64Array): Kept {
  const merged = {
    values: new Float64Array(values.length + added.length),
    counts: new Float64Array(values.length + added.length),
  };
  let length = 0;
  const put = (value: number, count: number) => {
    if (length > 0 && merged.values[length - 1] === value) length -= 1;
    merged.values[length] = value;
    merged.counts[length] = (merged.counts[length] as number) + count;
    length += 1;
  };
  let next = 0;
  for (const value of added) {
    for (; next < values.length && (values[next] as number) <= value; next++) {
      put(values[next] as number, counts[next] as number);
    }
    put(value, 1);
  }
  for (; next < values.length; next++) put(values[next] as number, counts[next] as number);
  return { values: merged.values.slice(0, length), counts: merged.counts.slice(0, length) };
}

/** Merges each pair of neighbours into the larger: no percentile is reported too short, and the longest stays exact. */
function halve({ values, counts }: Kept): Kept {
  const isOdd = values.length % 2;
  const length = Math.ceil(values.length / 2);
  const countAt = (index: number) => counts[index] ?? 0;
  return {
    values: Float64Array.from({ length }, (_, index) => values[2 * index + 1 - isOdd] as number),
    counts: Float64Array.from({ length }, (_, index) => countAt(2 * index - isOdd) + countAt(2 * index + 1 - isOdd)),
  };
}
