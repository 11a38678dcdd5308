// Computes how many brokers of a host type each simulation needs, per scenario and resource, in closed form.

import type { Capacity, ShapeCapacity } from './capacity.ts';
import { type Scenario, withLoss } from './scenarios.ts';
import type { PlannedResourceName } from './cluster-load-draws.ts';
import type { InverseFactor, InverseFactors } from './inverse-factors.ts';
import type { LoadTerms, Term } from './load-terms.ts';

const tiny = 1e-9;

/**
 * With load L, capacity c of a broker and rebuild traffic b, of which each of k lost brokers has an n-th part, the remaining n − k need
 *   (n − k) ≥ L / c                                  and, if b is sent by a group's own master or arrives at one broker,
 *   (n − k) ≥ (L + b) / c,                           and, if all others send it,
 *   (n − k) ≥ L / c + k (b / c) / n                  which is a quadratic in n − k.
 * @param own L / c or (L + b) / c @param others k b / c if all others send it
 */
function mastersLeft(own: number, others: number, lostCount: number): number {
  if (others === 0) return own;
  return (own - lostCount + Math.sqrt((own + lostCount) ** 2 + 4 * others)) / 2;
}

/** The deciding scenario and resource: those with the most whole brokers, and among those the largest need. */
export interface Decided {
  scenario: Scenario;
  resource: PlannedResourceName;
  /** Remaining brokers, not rounded. */
  masters: number;
  /** Allowed use of the resource by one broker in this scenario. */
  limit: number;
}

/** One host type under the load of one cluster. */
export class Fit {
  readonly #loads: LoadTerms;
  readonly #each: Float64Array;
  readonly #factors: readonly InverseFactor[];
  readonly #limits: Float64Array;

  /** @param clusters number of clusters that share the load */
  constructor(
    loads: LoadTerms,
    { resources }: ShapeCapacity,
    factors: InverseFactors,
    { clusters, dailyShare = 1 }: { clusters: number; dailyShare?: number },
  ) {
    this.#loads = loads;
    const { terms } = loads;
    this.#factors = terms.map(({ resource }) => factors.of(resources[resource]));
    this.#limits = new Float64Array(terms.length);
    this.#each = new Float64Array(terms.length);
    terms.forEach(({ resource, scenario }, term) => {
      const limit = limitOf(resources[resource], scenario, dailyShare);
      this.#limits[term] = limit;
      this.#each[term] = 1 / (clusters * limit);
    });
  }

  get terms(): readonly Term[] {
    return this.#loads.terms;
  }

  limitOf(term: number): number {
    return this.#limits[term] as number;
  }

  /** Brokers that must remain in the scenario of a term, not rounded. */
  masters(term: number, sample: number): number {
    const { own, others, scenario } = this.terms[term] as Term;
    const unit = this.#unitOf(term, sample);
    if (others === undefined) return (own[sample] as number) * unit;
    return mastersLeft((own[sample] as number) * unit, (others[sample] as number) * unit, lostCount(scenario));
  }

  /**
   * @param left brokers that carry the load, of all of the cluster
   * @returns the load that they carry in the state of a term, over the planned one; filling copies again takes as much of them at any load
   */
  carried(term: number, sample: number, { left, masters }: { left: number; masters: number }): number {
    const { own, refill, others, isReturn } = this.terms[term] as Term;
    const [filling, byAll] = [refill, others].map((bytes) => bytes?.[sample] ?? 0) as [number, number];
    const byOthers = byAll / masters;
    const [fixed, growing] = isReturn ? [0, byOthers] : [byOthers, 0];
    const room = left / this.#unitOf(term, sample) - filling - fixed;
    return Math.max(0, room) / ((own[sample] as number) - filling + growing);
  }

  #unitOf = (term: number, sample: number): number =>
    (this.#each[term] as number) * ((this.#factors[term] as InverseFactor).values[sample] as number);

  decide(sample: number): Decided {
    let [decided, whole, exact, masters] = [0, -1, -1, 0];
    for (let term = 0; term < this.terms.length; term += 1) {
      const required = this.masters(term, sample);
      const { scenario } = this.terms[term] as Term;
      const inAll = Math.ceil(withLoss(scenario, Math.ceil(required - tiny)));
      const total = withLoss(scenario, required);
      if (inAll > whole || (inAll === whole && total > exact * (1 + tiny))) {
        [decided, whole, exact, masters] = [term, inAll, total, required];
      }
    }
    const { scenario, resource } = this.terms[decided] as Term;
    return { scenario, resource, masters, limit: this.limitOf(decided) };
  }

  /**
   * Per sample, the median last; `exact` before rounding up.
   * @param beyondOneQueue result for one queue on one broker whose load is too high for it
   */
  needed({ least, step, beyondOneQueue }: { least: number; step: number; beyondOneQueue?: number }) {
    const samples = this.terms[0]?.own.length ?? 0;
    const whole = new Int32Array(samples).fill(least);
    const exact = new Float64Array(samples);
    const ofZones = new Float64Array(samples);
    const ofQueue = beyondOneQueue === undefined ? exact : new Float64Array(samples);
    let zones = 0;
    for (const term of this.#undominated(samples - 1)) {
      const { own, others, scenario } = this.terms[term] as Term;
      const { values } = this.#factors[term] as InverseFactor;
      const each = this.#each[term] as number;
      const lost = lostCount(scenario);
      if (scenario.lost.kind === 'zone') zones = scenario.lost.zones;
      const most = scenario.lost.kind === 'zone' ? ofZones : exact;
      const queue = beyondOneQueue === undefined ? undefined : ofQueue;
      if (others === undefined && queue === undefined) raise(most, own, values, each, lost);
      else {
        for (let sample = 0; sample < samples; sample += 1) {
          const required = this.masters(term, sample);
          if (required + lost > (most[sample] as number)) most[sample] = required + lost;
          if (queue !== undefined && required > (queue[sample] as number)) queue[sample] = required;
        }
      }
    }
    roundUp(whole, exact);
    if (zones > 0) roundUpZones(whole, exact, ofZones, zones / (zones - 1));
    if (beyondOneQueue !== undefined) {
      ofQueue.forEach((required, sample) => {
        if (required > 1 + tiny) whole[sample] = beyondOneQueue;
      });
    }
    if (step > 1) whole.forEach((masters, sample) => (whole[sample] = Math.ceil(masters / step) * step));
    return { whole, exact };
  }

  /** Terms that may decide some sample: the others need less than one of these in every sample. */
  #undominated(middle: number): number[] {
    const order = this.terms
      .map((_, term) => term)
      .filter((term) => (this.#each[term] as number) > 0)
      .toSorted((one, two) => this.#total(two, middle) - this.#total(one, middle));
    const kept: number[] = [];
    for (const term of order) if (!kept.some((other) => this.#dominates(other, term))) kept.push(term);
    return kept;
  }

  #total(term: number, sample: number): number {
    return withLoss((this.terms[term] as Term).scenario, this.masters(term, sample));
  }

  #dominates(larger: number, smaller: number): boolean {
    const [one, two] = [this.terms[larger] as Term, this.terms[smaller] as Term];
    if (two.others !== undefined || !takesAtLeast(one.scenario, two.scenario)) return false;
    const [high, low] = [this.#factors[smaller] as InverseFactor, this.#factors[larger] as InverseFactor];
    const factor = high === low ? 1 : high.most / low.least;
    const most = this.#loads.mostOver(smaller, larger) * factor * (this.#each[smaller] as number);
    return most <= (this.#each[larger] as number);
  }
}

/** The innermost loop of a sizing: every sample of every host type. */
function raise(most: Float64Array, own: Float64Array, values: Float64Array, each: number, lost: number): void {
  for (let sample = 0; sample < own.length; sample += 1) {
    const masters = (own[sample] as number) * (values[sample] as number) * each + lost;
    if (masters > (most[sample] as number)) most[sample] = masters;
  }
}

function roundUp(whole: Int32Array, exact: Float64Array): void {
  for (let sample = 0; sample < whole.length; sample += 1) {
    const masters = Math.ceil((exact[sample] as number) - tiny);
    if (masters > (whole[sample] as number)) whole[sample] = masters;
  }
}

/** @param left brokers outside the lost zone @param ratio of all brokers to those */
function roundUpZones(whole: Int32Array, exact: Float64Array, left: Float64Array, ratio: number): void {
  for (let sample = 0; sample < whole.length; sample += 1) {
    const outside = left[sample] as number;
    const masters = Math.ceil(Math.ceil(outside - tiny) * ratio - tiny);
    if (masters > (whole[sample] as number)) whole[sample] = masters;
    if (outside * ratio > (exact[sample] as number)) exact[sample] = outside * ratio;
  }
}

/** Whether the same remaining number requires at least as many in total. */
function takesAtLeast({ lost: one }: Scenario, { lost: two }: Scenario): boolean {
  if (two.kind === 'none') return true;
  if (one.kind === 'count' && two.kind === 'count') return one.count >= two.count;
  return one.kind === 'zone' && two.kind === 'zone';
}

const lostCount = ({ lost }: Scenario): number => (lost.kind === 'count' ? lost.count : 0);

export function limitOf({ safe, full }: Capacity, { against }: Scenario, dailyShare: number): number {
  return against === 'safe' ? safe : against === 'full' ? full : full * dailyShare;
}
