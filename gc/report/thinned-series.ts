// Thins a series of any length: if there are too many points, neighbours are merged in pairs.

export interface Point {
  at: number;
  value: number;
}

/** Which of two merged neighbours is kept. */
type Keep = 'larger' | 'smaller';

export class ThinnedSeries {
  readonly #capacity: number;
  readonly #sign: 1 | -1;
  #points: Point[] = [];
  /**
   * Position and value of the points since the last kept one. A typed array, because objects per point would become
   * long-lived garbage.
   */
  readonly #open = new Float64Array(2);
  #openCount = 0;
  #width = 1;

  constructor(capacity: number, keep: Keep) {
    this.#capacity = capacity;
    this.#sign = keep === 'larger' ? 1 : -1;
  }

  add(at: number, value: number): void {
    if (this.#openCount === 0 || this.#sign * (value - (this.#open[1] as number)) > 0) {
      this.#open[0] = at;
      this.#open[1] = value;
    }
    this.#openCount += 1;
    if (this.#openCount < this.#width) return;
    this.#points.push(this.#openPoint());
    this.#openCount = 0;
    if (this.#points.length < this.#capacity) return;
    this.#points = this.#points.flatMap((point, index) => (index % 2 === 0 ? [this.#chosen(point, index + 1)] : []));
    this.#width *= 2;
  }

  get points(): readonly Point[] {
    return this.#openCount === 0 ? this.#points : [...this.#points, this.#openPoint()];
  }

  #openPoint(): Point {
    const [at = 0, value = 0] = this.#open;
    return { at, value };
  }

  #chosen(point: Point, next: number): Point {
    const neighbour = this.#points[next];
    return neighbour !== undefined && this.#sign * (neighbour.value - point.value) > 0 ? neighbour : point;
  }
}
