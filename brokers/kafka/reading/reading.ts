// Defines a reading together with the parts of it that the broker refused.

import { refusalOf } from '../error-names.ts';

export interface Reading<Value> {
  value: Value;
  /** `orders-3: NOT_LEADER_OR_FOLLOWER`: a refused part costs itself only. */
  refusals: readonly string[];
}

/**
 * Gathers what was refused while an answer is gone through.
 * @param api Kafka's name of the request
 */
export function createRefusals(api: string) {
  const texts: string[] = [];
  return {
    texts,
    /** @returns whether the part is well */
    isWell(part: string, errorCode: number): boolean {
      const name = refusalOf(errorCode, api);
      if (name !== undefined) texts.push(`${part}: ${name}`);
      return name === undefined;
    },
  };
}
