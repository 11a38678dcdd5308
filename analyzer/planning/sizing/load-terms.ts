// Computes the load on each resource per scenario and simulation, independent of the host type.

import type { Scenario } from './scenarios.ts';
import {
  keptResources,
  type LoadDraws,
  type PlannedResourceName,
  type RateResource,
  rateResources,
} from './cluster-load-draws.ts';

/** One resource in one scenario; each scenario that rebuilds copies has one term for the rebuild, and one for the catch-up of the returned broker. */
export interface Term {
  scenario: Scenario;
  resource: PlannedResourceName;
  /** Demand on all remaining brokers together. */
  own: Float64Array;
  /** The part of it that rebuilds lost copies: of stored data, and so the same at any load. */
  refill?: Float64Array;
  /** Rebuild traffic of all lost brokers that all others send; to be divided by the number of brokers. */
  others?: Float64Array;
  /** A returned broker copies what it missed, which grows with the load. */
  isReturn: boolean;
}

export class LoadTerms {
  readonly terms: readonly Term[];
  readonly #ratios: Float64Array;

  constructor(load: Pick<LoadDraws, 'rate' | 'kept'>, scenarios: readonly Scenario[]) {
    const sums = new Map<string, Float64Array>();
    this.terms = scenarios.flatMap((scenario) => {
      const { against, catchUp, rebuild, refills, lost } = scenario;
      const term = (resource: RateResource, isReturn: boolean): Term => {
        const draws = load.rate[resource];
        const isSpread = rebuild === 'others' && resource === 'network-out';
        // A replacement receives and writes its own part; a sender sends the parts of all lost brokers.
        const isSent = isSpread || (rebuild === 'own-master' && resource !== 'network-in');
        const times = isSent ? refills : 1;
        const copied = isReturn ? draws.missed : draws.rebuild;
        const refill = times === 1 ? copied : copied.map((value) => times * value);
        const isOwn = rebuild !== 'none' && !isSpread;
        const parts = [
          against === 'daily' ? draws.usual : draws.base,
          ...(catchUp ? [draws.catchUp] : []),
          ...(isOwn ? [refill] : []),
        ];
        const key = `${resource} ${against === 'daily'} ${catchUp} ${isOwn} ${isReturn} ${times}`;
        const own = sums.get(key) ?? summed(parts);
        sums.set(key, own);
        const fixed = isOwn && !isReturn && { refill };
        return { scenario, resource, own, ...fixed, ...(isSpread && { others: refill }), isReturn };
      };
      const rates = [false, ...(rebuild === 'none' ? [] : [true])].flatMap((isReturn) =>
        rateResources.map((resource) => term(resource, isReturn)),
      );
      if (lost.kind !== 'none' || against !== 'safe' || catchUp) return rates;
      return [
        ...rates,
        ...keptResources.map((resource): Term => ({ scenario, resource, own: load.kept[resource], isReturn: false })),
      ];
    });
    this.#ratios = new Float64Array(this.terms.length ** 2).fill(-1);
  }

  /** The largest ratio of one term to another over all samples. */
  mostOver(one: number, two: number): number {
    const at = one * this.terms.length + two;
    let most = this.#ratios[at] as number;
    if (most >= 0) return most;
    const [first, second] = [this.terms[one]?.own, this.terms[two]?.own];
    if (first === undefined || second === undefined) throw new RangeError(`no term ${one} or ${two}`);
    most = 0;
    for (let sample = 0; sample < first.length; sample += 1) {
      const ratio = (first[sample] as number) / (second[sample] as number);
      if (!(ratio <= most)) most = ratio;
    }
    most = Number.isNaN(most) ? Infinity : most;
    this.#ratios[at] = most;
    return most;
  }
}

function summed(parts: readonly Float64Array[]): Float64Array {
  const [first, ...more] = parts;
  if (first === undefined || more.length === 0) return first ?? new Float64Array();
  return first.map((value, sample) => more.reduce((sum, part) => sum + (part[sample] as number), value));
}
