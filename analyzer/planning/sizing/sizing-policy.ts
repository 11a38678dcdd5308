// Applies the `policy` section of a domains file to the policy.

import type { Cited, Policy } from '../../../core/policy/policy.ts';
import type { DomainsFile } from '../domains/domains-file.ts';

export interface SizingPolicy extends Readonly<Policy['planning']> {
  /** Limits as shares of capacity, shared with verdicts. */
  limits: Policy['limits'];
  /** How far a stated message size may be from the measured one. */
  messageSizeShare: Policy['messageSizeShare'];
  /** In addition to all other reserves; 0 for none. */
  headroom: number;
  clusterTps?: number;
  /** Share of the maximum that usual traffic may reach; commonly a third to a half. */
  dailyShare?: number;
}

export function sizingPolicy({ planning, limits, messageSizeShare }: Policy, own: DomainsFile['policy']): SizingPolicy {
  const given = (value: number | undefined, otherwise: Cited): Cited =>
    value === undefined ? otherwise : { value, source: 'the domains file' };
  return {
    ...planning,
    skew: given(own.skew, planning.skew),
    rebuildSeconds: given(own.rebuildWithin, planning.rebuildSeconds),
    outageSeconds: given(own.catchUp?.outage, planning.outageSeconds),
    catchUpSeconds: given(own.catchUp?.within, planning.catchUpSeconds),
    residentSeconds: given(own.residentSeconds, planning.residentSeconds),
    nameServers: given(own.nameServers, planning.nameServers),
    clusterBrokers: given(own.clusterBrokers, planning.clusterBrokers),
    kafkaSegmentBytes: given(own.kafkaSegment?.bytes, planning.kafkaSegmentBytes),
    kafkaSegmentSeconds: given(own.kafkaSegment?.time, planning.kafkaSegmentSeconds),
    limits,
    messageSizeShare,
    headroom: own.headroom ?? 0,
    ...(own.clusterTps !== undefined && { clusterTps: own.clusterTps }),
    ...(own.dailyShare !== undefined && { dailyShare: own.dailyShare }),
  };
}
