// Defines the current state of a cluster: one shape for the landing page, API, metrics and alerts.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { Acknowledgement, acknowledgementOf, subjectOf } from './acknowledgement.ts';
import { Limit, SafeMaxTps } from './analysis.ts';
import { amount, count, positive, positiveCount, share, time } from './values.ts';

/** Worst first: the order of clusters in lists. */
export const clusterStates = ['down', 'degraded', 'over', 'near', 'stale', 'unknown', 'ok'] as const;
export type ClusterState = (typeof clusterStates)[number];

const loadStates = ['over', 'near', 'ok'] as const satisfies readonly ClusterState[];
export type LoadState = (typeof loadStates)[number];

/** States that require immediate action. */
const incidentStates: ReadonlySet<ClusterState> = new Set(['down', 'degraded', 'over']);

interface Judged {
  state: ClusterState;
  headroom?: number | undefined;
  noDataSince?: string | undefined;
  acknowledged?: readonly Acknowledgement[] | undefined;
}

/** Whether the load is above the highest rate ever tested or observed, so that the distance to the maximum is unknown. */
export const isAboveTested = ({ state, headroom }: Judged): boolean =>
  state === 'near' && headroom !== undefined && headroom < 0;

/** @returns the clusters that need attention, in the given order; those with an acknowledged state are last */
export const incidentsOf = <Row extends Judged>(clusters: readonly Row[]): readonly Row[] =>
  clusters
    .filter((each) => incidentStates.has(each.state) || isAboveTested(each) || each.noDataSince !== undefined)
    .toSorted((one, other) => Number(isStateAcknowledged(one)) - Number(isStateAcknowledged(other)));

const isStateAcknowledged = (status: Judged): boolean =>
  acknowledgementOf(status, subjectOf('state', status.state)) !== undefined;

/** Losses rank before every figure. */
export const lossStates: readonly ClusterState[] = ['down', 'degraded'];

/** @returns 0 for `down`, the highest rank if nothing is lost */
export const lossRank = ({ state }: { state: ClusterState }) =>
  lossStates.includes(state) ? lossStates.indexOf(state) : lossStates.length;

const tps = amount;

export const ClusterStatus = z.strictObject({
  cluster: z.string(),
  broker: z.enum(brokerKinds),
  domains: z.array(z.string()).describe('business domains on this cluster; empty when none is configured'),
  state: z
    .enum(clusterStates)
    .describe(
      'down: no broker answers, or none is registered; degraded: fewer brokers or name servers than expected answer; over: above the safe maximum; near: above the share of it that warns; stale: the verdict expired or its settings drifted; unknown: no verdict, or no current reading',
    ),
  loadState: z
    .enum(loadStates)
    .optional()
    .describe('the load alone, whatever is lost or stale; absent while the load or the safe maximum is unknown'),
  brokers: count.optional().describe('that answer'),
  brokersExpected: count.optional().describe('listed or holding replicas (RocketMQ: listed in the last six hours)'),
  missing: z
    .array(
      z.strictObject({
        part: z.enum(['broker', 'name-server']),
        id: z.string(),
        lastSeenAt: time.optional().describe('absent when it never answered'),
      }),
    )
    .optional()
    .describe('expected parts that do not answer; absent when all do'),
  safeMaxTps: SafeMaxTps.optional().describe('absent without a verdict'),
  verdict: z
    .strictObject({
      entry: positiveCount.describe('id in the history'),
      at: time,
      ageSeconds: amount,
      kind: z.enum(['verdict', 'test']),
      drifted: z
        .array(z.strictObject({ setting: z.string(), before: z.string(), now: z.string() }))
        .describe('settings that have changed since the verdict'),
    })
    .optional(),
  binding: z.array(z.strictObject({ limitedBy: Limit, probability: share })).optional(),
  now: z
    .strictObject({
      produceTps: tps,
      consumeTps: tps.optional(),
      at: time,
      source: z.string().describe('exporter, or the query that it was read with'),
      isOld: z.literal(true).optional().describe('the next reading failed; the rate is dropped after another failure'),
    })
    .optional()
    .describe('absent when unknown'),
  noDataSince: time.optional().describe('time of the last reading, if there is no current one'),
  headroom: z.number().optional().describe('1 - current load / safe maximum; negative above the safe maximum'),
  answering: z
    .strictObject({ tps, headroom: z.number().optional() })
    .optional()
    .describe(
      'safe maximum of the brokers that answer, and its headroom; absent if all answer, or if the verdict does not predict the loss of the others',
    ),
  withoutOne: z
    .strictObject({ lost: z.enum(['broker', 'zone']), id: z.string(), tps, headroom: z.number().optional() })
    .optional()
    .describe('at N-1, after the worst loss'),
  forecast: z
    .strictObject({
      entry: positiveCount,
      peak: z.strictObject({
        tps,
        low: tps.optional().describe('absent without an interval, as of a promotion that was measured once'),
        high: tps.optional(),
        at: time,
      }),
      isIncomplete: z
        .literal(true)
        .optional()
        .describe('part of the time ahead has no forecast, as a promotion that the history has no data for'),
      secondsToLimit: amount
        .optional()
        .describe(
          'time until the median of the forecast reaches the safe maximum; absent if it does not, if the safe maximum is unknown, or if it is above a safe maximum that is only a lower bound',
        ),
    })
    .optional(),
  trend: z
    .strictObject({
      tpsPerSecond: z.number().describe('growth of the rate in messages per second, per second; negative if it falls'),
      overSeconds: positive.describe('length of the readings it was computed from'),
      secondsToLimit: amount
        .optional()
        .describe('time until the rate reaches the safe maximum at this trend; absent if not within three hours'),
    })
    .optional()
    .describe('trend of the produced rate in the last half hour; absent if it neither rises nor falls'),
  laggingGroups: z
    .array(
      z.strictObject({
        group: z.string(),
        lagSeconds: positive.describe('now'),
        lagSecondsPerMinute: positive.describe('growth in the last half hour'),
        since: time
          .optional()
          .describe('time when its lag was last below a minute; absent if more than six hours ago or unknown'),
      }),
    )
    .optional()
    .describe('consumer groups whose lag is above a minute and grows, highest first; at most three'),
  acknowledged: z
    .array(Acknowledgement)
    .optional()
    .describe('acknowledgements by operators that are valid now; absent without any'),
  trust: z
    .strictObject({
      graded: count,
      held: count,
      bias: z.number().optional().describe('mean of actual / forecast - 1 over the graded forecasts'),
    })
    .optional()
    .describe('how often predictions of this cluster were right, compared with later events'),
});
export type ClusterStatus = z.infer<typeof ClusterStatus>;

export const FleetStatus = z.strictObject({
  at: time,
  clusters: z.array(ClusterStatus).describe('lowest headroom first; clusters without a value last'),
  promotion: z
    .strictObject({ name: z.string(), from: time, to: time, isOn: z.boolean() })
    .optional()
    .describe('the current promotion, or the next'),
});
export type FleetStatus = z.infer<typeof FleetStatus>;
