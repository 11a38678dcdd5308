// What does a curve look like, however long it is? Neighbours are merged by twos whenever there are too many points.

export interface Point {
  at: number;
  value: number;
}

export class ThinnedSeries<P extends Point = Point> {
  readonly #capacity: number;
  readonly #choose: (a: P, b: P) => P;
  #points: P[] = [];
  /** Stands for the points since the last that was kept. */
  #open: P | undefined;
  #openCount = 0;
  #width = 1;

  /** @param choose which of two neighbours stands for both */
  constructor(capacity: number, choose: (a: P, b: P) => P) {
    this.#capacity = capacity;
    this.#choose = choose;
  }

  add(point: P): void {
    this.#open = this.#open === undefined ? point : this.#choose(this.#open, point);
    this.#openCount += 1;
    if (this.#openCount < this.#width) return;
    this.#points.push(this.#open);
    this.#open = undefined;
    this.#openCount = 0;
    if (this.#points.length < this.#capacity) return;
    this.#points = pairs(this.#points).map((pair) => pair.reduce(this.#choose));
    this.#width *= 2;
  }

  get points(): readonly P[] {
    return this.#open === undefined ? this.#points : [...this.#points, this.#open];
  }
}

function pairs<P>(points: readonly P[]): P[][] {
  return Array.from({ length: Math.ceil(points.length / 2) }, (_, index) => points.slice(index * 2, index * 2 + 2));
}

export const larger = <P extends Point>(a: P, b: P): P => (b.value > a.value ? b : a);
export const smaller = <P extends Point>(a: P, b: P): P => (b.value < a.value ? b : a);
