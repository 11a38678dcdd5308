// Samples the inverse of capacity factors per simulation, shared by capacities with the same interval.

import type { Capacity } from './capacity.ts';
import { drawn, type PlanSamples } from './plan-samples.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

export interface InverseFactor {
  values: Float64Array;
  least: number;
  most: number;
}

export class InverseFactors {
  readonly #samples: PlanSamples;
  readonly #certain: InverseFactor;
  readonly #known = { capacity: new Map<number, InverseFactor>(), wire: new Map<number, InverseFactor>() };

  constructor(samples: PlanSamples) {
    this.#samples = samples;
    this.#certain = { values: new Float64Array(samples.count + 1).fill(1), least: 1, most: 1 };
  }

  of({ low, high, draws }: Capacity): InverseFactor {
    if (draws === 'none' || (low === 1 && high === 1)) return this.#certain;
    // Encodes both ends in one number: a low end has at most nine significant digits.
    const key = Math.round(low * 1e6) * 1e9 + Math.round(high * 1e6);
    return getOrMake(this.#known[draws], key, () => {
      const values = drawn({ low, mid: 1, high }, this.#samples[draws]).map((each) => 1 / each);
      const factor = { values, least: Infinity, most: 0 };
      for (const value of values) {
        factor.least = Math.min(factor.least, value);
        factor.most = Math.max(factor.most, value);
      }
      return factor;
    });
  }
}
