// Defines the config key `guard` under `loadgen`: additional limits during a run.

import { z } from 'zod';
import { HttpAuthorization, HttpUrl } from '../../core/http/http-config.ts';
import { Duration, Share } from '../../core/text/quantity.ts';

const bounds = {
  name: z.string().min(1).max(100).optional().describe('name shown when it stops a run; default: its metric'),
  above: z.number().optional().describe('a figure above this stops the load'),
  below: z.number().optional().describe('a figure below this stops the load'),
  every: Duration.refine((value) => value >= 0.1 && value <= 3600, { message: 'every 100ms to 1h' })
    .prefault('1s')
    .describe('interval at which it is recorded and checked; a value older than twice this stops the load'),
  authorization: HttpAuthorization.optional(),
};

export const PageRule = z.strictObject({
  page: HttpUrl.meta({ examples: ['http://broker-1:9100/metrics'] }).describe('metrics page of any exporter'),
  metric: z.string().min(1).max(1000).describe('a series as on the page; fewer labels match more series'),
  ...bounds,
});
export type PageRule = z.output<typeof PageRule>;

export const QueryRule = z.strictObject({
  prometheus: HttpUrl.meta({ examples: ['http://127.0.0.1:9090'] }).describe('where /api/v1 lies below'),
  query: z.string().min(1).max(10_000).describe('a PromQL expression; the worst of its series counts'),
  tenant: z.string().min(1).optional().describe('X-Scope-OrgID of Mimir, THANOS-TENANT of Thanos'),
  ...bounds,
});
export type QueryRule = z.output<typeof QueryRule>;

export const GuardRule = z
  .union([PageRule, QueryRule])
  .refine(({ above, below }) => above !== undefined || below !== undefined, { message: 'state `above` or `below`' });
export type GuardRule = z.output<typeof GuardRule>;

export const ruleName = (rule: GuardRule): string => rule.name ?? ('page' in rule ? rule.metric : rule.query);

export const GuardConfig = z
  .strictObject({
    rules: z.array(GuardRule).max(100).default([]).describe('thresholds on metrics of an exporter or a Prometheus'),
    errors: Share.optional().describe('share of the sends of one second that may fail'),
    p99: Duration.optional().describe(
      '99th percentile of one second, from the intended time to the acknowledgement; also the longest time without any answer',
    ),
    lagMessages: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('messages acknowledged and not yet read by the slowest group'),
    freeDisk: Share.prefault('5%').describe(
      'least free share of the file system a broker stores messages on (RocketMQ: 15% or more)',
    ),
  })
  .prefault({})
  .describe('what stops a load test');
export type GuardConfig = z.output<typeof GuardConfig>;
