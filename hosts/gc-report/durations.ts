// How long did things take, at which rank? Every duration is kept (eight bytes each), so that ranks are exact.

export class Durations {
  #values = new Float64Array(16);
  #count = 0;
  #isSorted = true;

  add(seconds: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = seconds;
    this.#count += 1;
    this.#isSorted = false;
  }

  get count(): number {
    return this.#count;
  }

  /** @returns the smallest that at least `share` of all do not exceed (nearest rank); undefined where there are none */
  quantile(share: number): number | undefined {
    return this.#sorted()[Math.max(0, Math.ceil(share * this.#count) - 1)];
  }

  countAbove(seconds: number): number {
    const sorted = this.#sorted();
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) > seconds) high = middle;
      else low = middle + 1;
    }
    return sorted.length - low;
  }

  #sorted(): Float64Array {
    const filled = this.#values.subarray(0, this.#count);
    if (!this.#isSorted) filled.sort();
    this.#isSorted = true;
    return filled;
  }
}
