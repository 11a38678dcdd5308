// What does a curve look like, however long it is? Neighbours are merged by twos whenever there are too many points.

export interface Point {
  at: number;
  value: number;
}

export class ThinnedSeries<P extends Point = Point> {
  readonly #capacity: number;
  readonly #choose: (a: P, b: P) => P;
  #points: P[] = [];
  #open: P[] = [];
  #width = 1;

  /** @param choose which of two neighbours stands for both */
  constructor(capacity: number, choose: (a: P, b: P) => P) {
    this.#capacity = capacity;
    this.#choose = choose;
  }

  add(point: P): void {
    this.#open.push(point);
    if (this.#open.length < this.#width) return;
    this.#points.push(this.#merged(this.#open));
    this.#open = [];
    if (this.#points.length < this.#capacity) return;
    this.#points = pairs(this.#points).map((pair) => this.#merged(pair));
    this.#width *= 2;
  }

  get points(): readonly P[] {
    return this.#open.length === 0 ? this.#points : [...this.#points, this.#merged(this.#open)];
  }

  #merged(points: readonly P[]): P {
    return points.reduce(this.#choose);
  }
}

function pairs<P>(points: readonly P[]): P[][] {
  return Array.from({ length: Math.ceil(points.length / 2) }, (_, index) => points.slice(index * 2, index * 2 + 2));
}

export const larger = <P extends Point>(a: P, b: P): P => (b.value > a.value ? b : a);
export const smaller = <P extends Point>(a: P, b: P): P => (b.value < a.value ? b : a);
