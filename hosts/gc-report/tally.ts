// How often, how long in all and how long at most? By a key that comes from the log, and is therefore bounded in number.

export interface Tally<Key> {
  key: Key;
  count: number;
  totalSeconds: number;
  maxSeconds: number;
}

/** HotSpot knows some dozen types and causes; a torn log may seem to know any number. */
const mostKeys = 200;

export class Tallies<Key extends object> {
  readonly #tallies = new Map<string, Tally<Key>>();
  readonly #rest: Key;

  /** @param rest stands for all keys beyond those that are kept apart */
  constructor(rest: Key) {
    this.#rest = rest;
  }

  /** @param seconds the whole duration; @param ownSeconds what no other tally has of it */
  add(name: string, key: Key, seconds: number, ownSeconds = seconds): Tally<Key> {
    const tally = this.#tallies.get(name) ?? this.#begin(name, key);
    tally.count += 1;
    tally.totalSeconds += ownSeconds;
    if (seconds > tally.maxSeconds) tally.maxSeconds = seconds;
    return tally;
  }

  /** Most seconds first. */
  get all(): Tally<Key>[] {
    return [...this.#tallies.values()].toSorted((a, b) => b.totalSeconds - a.totalSeconds || b.count - a.count);
  }

  #begin(name: string, key: Key): Tally<Key> {
    const [kept, keptKey] = this.#tallies.size < mostKeys ? [name, key] : ['', this.#rest];
    const tally = this.#tallies.get(kept) ?? { key: keptKey, count: 0, totalSeconds: 0, maxSeconds: 0 };
    this.#tallies.set(kept, tally);
    return tally;
  }
}
