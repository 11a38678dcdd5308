// How long does it take to size a thousand domains?

import { performance } from 'node:perf_hooks';
import { sizeDomains } from '../analyzer/sizing/size-domains.ts';
import { manyDomains } from './many-domains.ts';

/** 1,000 domains, 60 shapes, 512 worlds, in seconds; the file is not read and the plan not written. */
export function sizedDomains(signal: AbortSignal): { processor: number; wall: number; brokers: number } {
  const input = { ...manyDomains(1000, 60), seed: 'bench', worlds: 512 };
  const [used, started] = [process.cpuUsage(), performance.now()];
  const { totals } = sizeDomains(input, () => signal.throwIfAborted());
  const { user, system } = process.cpuUsage(used);
  return { processor: (user + system) / 1e6, wall: (performance.now() - started) / 1000, brokers: totals.brokers };
}
