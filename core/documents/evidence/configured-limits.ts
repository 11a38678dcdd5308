// Defines limits on clients from a cluster's configuration: quotas and connections, read before a load test.

import { z } from 'zod';
import { amount, count, positive, positiveCount } from '../values.ts';

export const quotaKinds = ['produce-quota', 'fetch-quota', 'request-quota'] as const;

/** A quota that applies to the clients of a run. Kafka enforces each per broker and per quota entity. */
export const ConfiguredQuota = z.strictObject({
  kind: z.enum(quotaKinds),
  /** Bytes per second; for a request quota, share of one request handler or network thread (1 = 100%). */
  value: positive,
  /** In the notation of `kafka-configs --describe`, such as `client-id=<default>`. */
  entity: z.string(),
  /** Distinct quota entities among the run's producers (or consumers): each gets the whole quota at each broker. */
  shares: positiveCount,
});
export type ConfiguredQuota = z.infer<typeof ConfiguredQuota>;

export const ConfiguredLimits = z.strictObject({
  quotas: z.array(ConfiguredQuota),
  brokers: z.array(
    z.strictObject({
      id: z.string(),
      maxConnections: positiveCount.optional(),
      maxConnectionsPerIp: positiveCount.optional(),
      requestHandlers: positiveCount.optional(),
      networkThreads: positiveCount.optional(),
      sendThreads: positiveCount.optional(),
    }),
  ),
  /** Why a part could not be read, such as a missing permission. */
  unread: z.array(z.string()).optional(),
});
export type ConfiguredLimits = z.infer<typeof ConfiguredLimits>;

/** Throttling reported in brokers' responses to the run's own clients, over an interval. */
export const ThrottledAnswers = z.strictObject({
  /** Responses with a throttle time above zero. */
  answers: count,
  /** Sum of their throttle times, and the longest. */
  seconds: amount,
  longestSeconds: amount,
});
export type ThrottledAnswers = z.infer<typeof ThrottledAnswers>;
