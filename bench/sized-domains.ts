// Measures how long it takes to size domains.

import { sizeDomains } from '../analyzer/planning/sizing/size-domains.ts';
import { manyDomains } from './many-domains.ts';
import { spentOn, type Spent } from './reference.ts';

/** Sizes on 60 shapes, in seconds; reading the file and writing the plan are not included. */
export function sizedDomains(
  { domains, worlds }: { domains: number; worlds: number },
  signal: AbortSignal,
): Spent & { brokers: number } {
  const input = { ...manyDomains(domains, 60), seed: 'bench', worlds };
  let brokers = 0;
  const spent = spentOn(() => ({ brokers } = sizeDomains(input, () => signal.throwIfAborted()).totals));
  return { ...spent, brokers };
}
