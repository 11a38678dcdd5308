// Defines a reading with the parts that the broker refused.

import { refusalOf } from '../errors.ts';

export interface Reading<Value> {
  value: Value;
  /** Texts such as `orders-3: NOT_LEADER_OR_FOLLOWER`; a refused part does not affect the others. */
  refusals: readonly string[];
}

/**
 * Collects refusals while an answer is parsed.
 * @param api Kafka's name of the request
 */
export function createRefusals(api: string) {
  const texts: string[] = [];
  return {
    texts,
    /** @returns whether the part has no error */
    isWell(part: string, errorCode: number): boolean {
      const name = refusalOf(errorCode, api);
      if (name !== undefined) texts.push(`${part}: ${name}`);
      return name === undefined;
    },
  };
}
