// Stores the series of one cluster within its budget; of topics and groups, only the most active.

import type { ReadingsRange as Range } from '../../core/readings-range.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import type { Figure, Part, PartReading } from './figures.ts';
import { bytesPerSeries, Ring, type Point } from './ring.ts';

/** Limit of members per part: charts show the largest, and the monitoring system has all. */
export const mostOf: Readonly<Record<Part, number>> = { cluster: 1, broker: 200, group: 50, topic: 20 };

/** Enough for 100 brokers with all figures, and the maximum of groups and topics. */
export const bytesPerCluster = 4 * 1024 * 1024;

/** Decay of a weight per reading: an hour after its last activity a member has four fifths of its weight. */
const weightKept = 0.999;
/** Weight ratio required to replace a member, because each replacement discards a history. */
const exchangeFactor = 2;
const dayMs = 86_400_000;

interface Member {
  of: Part;
  name: string;
  weight: number;
  rings: Map<Figure, Ring>;
}

/** Bytes used by all clusters together. */
export interface SharedBudget {
  usedBytes: number;
  readonly mostBytes: number;
}

export interface KeptSeries {
  of: Part;
  name: string;
  figure: Figure;
  ring: Ring;
}

export class ClusterReadings {
  /** Lag times of the last reading; absent before the first. */
  lagTimes?: LagTimes | undefined;
  readonly #budget: SharedBudget;
  readonly #members = new Map<string, Member>();
  #bytes = 0;
  #leftOut: Readonly<Record<Part, number>> = { cluster: 0, broker: 0, group: 0, topic: 0 };

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of parts of the last reading that were not stored. */
  get leftOut(): Readonly<Record<Part, number>> {
    return this.#leftOut;
  }

  /**
   * Adds all groups or all topics of one reading together, so that the largest can be selected. `fromMs`: see Ring.add;
   * `isPart`: the reading covers only some of them.
   */
  add<Of extends Part>(
    of: Of,
    readings: readonly PartReading<Of>[],
    { atMs, fromMs, isPart = false }: { atMs: number; fromMs?: number; isPart?: boolean },
  ): void {
    this.#dropPast(of, atMs);
    for (const member of this.#members.values()) if (member.of === of) member.weight *= weightKept;
    const ranked = readings.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0));
    let leftOut = 0;
    let isFull = false;
    for (const { name, values, weight = 0 } of ranked) {
      const known = this.#members.get(keyOf(of, name));
      const member: Member | undefined = known ?? (isFull ? undefined : this.#admit(of, name, weight));
      // Later members have lower weights, so they do not fit either.
      isFull ||= member === undefined;
      if (member === undefined || !this.#addTo(member, values, atMs, fromMs)) leftOut++;
      else member.weight = Math.max(member.weight, weight);
    }
    if (!isPart) this.#leftOut = { ...this.#leftOut, [of]: leftOut };
  }

  names(of: Part): string[] {
    return [...this.#members.values()].filter((member) => member.of === of).map(({ name }) => name);
  }

  points(
    { of, name, figure }: { of: Part; name: string; figure: Figure },
    range: Range,
    nowMs: number,
    slots?: number,
  ): Point[] {
    return this.#members.get(keyOf(of, name))?.rings.get(figure)?.points(range, nowMs, slots) ?? [];
  }

  /** @returns undefined if none was added since the service started */
  last({ of, name, figure }: { of: Part; name: string; figure: Figure }): number | undefined {
    return this.#members.get(keyOf(of, name))?.rings.get(figure)?.last;
  }

  *series(): Iterable<KeptSeries> {
    for (const { of, name, rings } of this.#members.values()) {
      for (const [figure, ring] of rings) yield { of, name, figure, ring };
    }
  }

  /** @returns undefined if the budget has no room for it */
  restored(of: Part, name: string, figure: Figure): Ring | undefined {
    const member = this.#members.get(keyOf(of, name)) ?? this.#admit(of, name, 0);
    return member && this.#ring(member, figure);
  }

  /** Drops all series and releases their bytes. */
  clear(): void {
    for (const member of this.#members.values()) this.#drop(member);
  }

  #admit(of: Part, name: string, weight: number): Member | undefined {
    const alike = [...this.#members.values()].filter((member) => member.of === of);
    if (alike.length >= mostOf[of]) {
      const least = alike.reduce((one, other) => (other.weight < one.weight ? other : one));
      if (weight <= exchangeFactor * least.weight) return undefined;
      this.#drop(least);
    }
    if (!this.#hasRoom()) return undefined;
    const member: Member = { of, name, weight, rings: new Map() };
    this.#members.set(keyOf(of, name), member);
    return member;
  }

  /** @returns whether at least part of it fits the budget */
  #addTo(member: Member, values: PartReading['values'], atMs: number, fromMs: number | undefined): boolean {
    for (const [figure, value] of Object.entries(values) as [Figure, number | undefined][]) {
      if (value !== undefined) this.#ring(member, figure)?.add(atMs, value, fromMs);
    }
    if (member.rings.size === 0) this.#members.delete(keyOf(member.of, member.name));
    return member.rings.size > 0 || Object.values(values).every((value) => value === undefined);
  }

  #ring(member: Member, figure: Figure): Ring | undefined {
    const known = member.rings.get(figure);
    if (known !== undefined || !this.#hasRoom()) return known;
    const ring = new Ring();
    member.rings.set(figure, ring);
    this.#bytes += bytesPerSeries;
    this.#budget.usedBytes += bytesPerSeries;
    return ring;
  }

  #hasRoom(): boolean {
    return (
      this.#bytes + bytesPerSeries <= bytesPerCluster &&
      this.#budget.usedBytes + bytesPerSeries <= this.#budget.mostBytes
    );
  }

  /** Drops members without new values for a day. */
  #dropPast(of: Part, nowMs: number): void {
    for (const member of this.#members.values()) {
      if (member.of !== of || member.rings.size === 0) continue;
      if (member.rings.values().every(({ lastMs }) => nowMs - lastMs > dayMs)) this.#drop(member);
    }
  }

  #drop(member: Member): void {
    this.#members.delete(keyOf(member.of, member.name));
    const bytes = member.rings.size * bytesPerSeries;
    this.#bytes -= bytes;
    this.#budget.usedBytes -= bytes;
  }
}

const keyOf = (of: Part, name: string) => `${of}\0${name}`;
