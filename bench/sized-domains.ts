// How long does it take to size domains?

import { performance } from 'node:perf_hooks';
import { sizeDomains } from '../analyzer/planning/sizing/size-domains.ts';
import { manyDomains } from './many-domains.ts';

/** On 60 shapes, in seconds; the file is not read and the plan not written. */
export function sizedDomains(
  { domains, worlds }: { domains: number; worlds: number },
  signal: AbortSignal,
): { processor: number; wall: number; brokers: number } {
  const input = { ...manyDomains(domains, 60), seed: 'bench', worlds };
  const [used, started] = [process.cpuUsage(), performance.now()];
  const { totals } = sizeDomains(input, () => signal.throwIfAborted());
  const { user, system } = process.cpuUsage(used);
  return { processor: (user + system) / 1e6, wall: (performance.now() - started) / 1000, brokers: totals.brokers };
}
