// Decides which of several files provides a figure at a time: the first file that has it.

import type { Span } from '../load-test-run.ts';

export class FirstFile<Figure> {
  readonly #earlier = new Map<Figure, Span[]>();
  readonly #current = new Map<Figure, Span>();

  /** @returns whether no earlier file has the figure at that time, between its first and last value */
  takes(figure: Figure, { from, to }: Span): boolean {
    if (this.#earlier.get(figure)?.some((each) => from < each.to && each.from < to) === true) return false;
    const own = this.#current.get(figure) ?? { from, to };
    this.#current.set(figure, { from: Math.min(own.from, from), to: Math.max(own.to, to) });
    return true;
  }

  /** To be called after the last line of a file. */
  endFile(): void {
    for (const [figure, span] of this.#current) {
      this.#earlier.set(figure, [...(this.#earlier.get(figure) ?? []), span]);
    }
    this.#current.clear();
  }
}
