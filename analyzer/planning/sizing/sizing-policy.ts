// What does a plan keep in reserve? The defaults that ship, each with its source, and what a domains file says instead.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DomainsFile } from '../domains/domains-file.ts';
import { readDefaultPolicy, type Policy } from '../../../core/policy/policy.ts';

const Cited = z.strictObject({ value: z.number().positive(), source: z.string() });
export type Cited = z.infer<typeof Cited>;

const SizingDefaults = z.strictObject({
  skew: Cited,
  rebuildSeconds: Cited,
  outageSeconds: Cited,
  catchUpSeconds: Cited,
  residentSeconds: Cited,
  otherMemoryBytes: Cited,
  rocketmqHeapBytes: Cited,
  kafkaHeapBytes: Cited,
  partitionsPerBroker: Cited,
  nameServers: Cited,
  controllers: Cited,
  clusterBrokers: Cited,
  clustersOfDomain: Cited,
  regret: z.strictObject({
    over: Cited,
    under: Cited,
    exponent: Cited,
    critical: Cited,
    normal: Cited,
    'best-effort': Cited,
  }),
  doubt: z.strictObject({ wire: Cited, stated: Cited, shape: Cited, replicas: Cited, workload: Cited }),
  beyondShape: Cited,
});

export interface SizingPolicy extends z.infer<typeof SizingDefaults> {
  /** Shares of capacity that verdicts use, too. */
  limits: Policy['limits'];
  /** On top of everything else; 0 is none. */
  headroom: number;
  clusterTps?: number;
  /** Of the maximum that usual traffic may reach; practitioners say a third to a half. */
  dailyShare?: number;
}

/** @param own what the domains file says of policy */
export function sizingPolicy(own: DomainsFile['policy']): SizingPolicy {
  const defaults = SizingDefaults.parse(parse(readFileSync(new URL('./sizing-policy.yaml', import.meta.url), 'utf8')));
  const given = (value: number | undefined, otherwise: Cited): Cited =>
    value === undefined ? otherwise : { value, source: 'the domains file' };
  return {
    ...defaults,
    skew: given(own.skew, defaults.skew),
    rebuildSeconds: given(own.rebuildWithin, defaults.rebuildSeconds),
    outageSeconds: given(own.catchUp?.outage, defaults.outageSeconds),
    catchUpSeconds: given(own.catchUp?.within, defaults.catchUpSeconds),
    residentSeconds: given(own.residentSeconds, defaults.residentSeconds),
    nameServers: given(own.nameServers, defaults.nameServers),
    clusterBrokers: given(own.clusterBrokers, defaults.clusterBrokers),
    limits: readDefaultPolicy().limits,
    headroom: own.headroom ?? 0,
    ...(own.clusterTps !== undefined && { clusterTps: own.clusterTps }),
    ...(own.dailyShare !== undefined && { dailyShare: own.dailyShare }),
  };
}
