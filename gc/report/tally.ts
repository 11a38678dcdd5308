// Counts occurrences with total and longest duration per key, with a limit of keys because logs supply them.

interface Tally<Key> {
  key: Key;
  count: number;
  totalSeconds: number;
  maxSeconds: number;
}

/** HotSpot has a few dozen types and causes; a damaged log may contain any number of names. */
const mostKeys = 200;

export class Tallies<Key extends object> {
  readonly #keyOf: (type: string, cause: string | undefined) => Key;
  readonly #rest: Tally<Key>;
  readonly #byTypeAndCause = new Map<string, Map<string | undefined, Tally<Key>>>();
  readonly #tallies: Tally<Key>[] = [];

  /** @param rest collects all keys beyond the maximum */
  constructor(rest: Key, keyOf: (type: string, cause: string | undefined) => Key) {
    this.#rest = begun(rest);
    this.#keyOf = keyOf;
  }

  /** @param seconds whole duration @param ownSeconds part that no other tally includes */
  add(type: string, cause: string | undefined, seconds: number, ownSeconds = seconds): Tally<Key> {
    const tally = this.#byTypeAndCause.get(type)?.get(cause) ?? this.#begin(type, cause);
    tally.count += 1;
    tally.totalSeconds += ownSeconds;
    if (seconds > tally.maxSeconds) tally.maxSeconds = seconds;
    return tally;
  }

  /** Tallies by total seconds, highest first. */
  get all(): Tally<Key>[] {
    return this.#tallies.toSorted((a, b) => b.totalSeconds - a.totalSeconds || b.count - a.count);
  }

  #begin(type: string, cause: string | undefined): Tally<Key> {
    if (this.#tallies.length >= mostKeys) {
      if (this.#rest.count === 0) this.#tallies.push(this.#rest);
      return this.#rest;
    }
    const tally = begun(this.#keyOf(type, cause));
    this.#tallies.push(tally);
    const ofType = this.#byTypeAndCause.get(type) ?? new Map<string | undefined, Tally<Key>>();
    this.#byTypeAndCause.set(type, ofType.set(cause, tally));
    return tally;
  }
}

const begun = <Key>(key: Key): Tally<Key> => ({ key, count: 0, totalSeconds: 0, maxSeconds: 0 });
