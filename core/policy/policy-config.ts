// Resolves the policy: the `analyzer` section of plimsoll.yaml over the defaults. Commands resolve it once and pass it on.

import { z } from 'zod';
import type { Constraint } from '../resource.ts';
import { percentText } from '../text/quantity-text.ts';
import { Duration, Share } from '../text/quantity.ts';
import { readDefaultPolicy, type Policy } from './policy.ts';

/** The limits that each key of `analyzer.policy` sets. */
const configurableLimits = {
  cpu: ['cpu'],
  network: ['network-in', 'network-out'],
  disk: ['disk-io'],
  memory: ['memory'],
} as const satisfies Record<string, readonly Constraint[]>;

const defaults = readDefaultPolicy();

const limitOf = (key: keyof typeof configurableLimits, what: string) =>
  Share.optional().describe(`${what}; default ${percentText(defaults.limits[configurableLimits[key][0]].value)}`);

export const AnalyzerConfig = z.strictObject({
  policy: z
    .strictObject({
      cpu: limitOf('cpu', 'limit of the utilization of all cores'),
      network: limitOf('network', 'limit of the utilization of a link, per direction'),
      disk: limitOf('disk', 'limit of the time that a disk is busy'),
      memory: limitOf('memory', 'limit of the memory in use'),
      confirmationTime: Duration.optional().describe(
        `duration of a step that confirms its rate; default ${defaults.confirmationSeconds.value / 60}m`,
      ),
    })
    .default({}),
  retention: Duration.optional().describe(
    'retention of messages; the disk limit is then computed from the average rate',
  ),
  slo: z
    .strictObject({
      publishLatencyP99: Duration.optional().describe(
        'publish latency of each step, from the intended send time to the acknowledgement',
      ),
      endToEndP99: Duration.optional().describe(
        'end-to-end latency of each step, from the intended send time until consumed',
      ),
      lagTime: Duration.optional().describe('limit of the time lag of a group'),
      sendErrors: Share.optional().describe('limit of the share of failed messages'),
    })
    .optional()
    .describe('SLOs, which are limits like those of resources'),
});
export type AnalyzerConfig = z.infer<typeof AnalyzerConfig>;

/** @returns the defaults, overridden by this config; the `source` of an overridden value is its key */
export function resolvePolicy({ policy: own, slo, retention }: AnalyzerConfig = { policy: {} }): Policy {
  const { limits, ...rest } = defaults;
  const { confirmationTime, ...shares } = own;
  return {
    ...rest,
    limits: { ...limits, ...configuredLimits(shares) },
    ...(confirmationTime !== undefined && {
      confirmationSeconds: { value: confirmationTime, source: 'config, analyzer.policy.confirmationTime' },
    }),
    ...(slo && { slo: promised(slo) }),
    ...(retention !== undefined && {
      retentionSeconds: { value: retention, source: 'config, analyzer.retention' },
    }),
  };
}

function configuredLimits(shares: Readonly<Record<string, number | undefined>>): Partial<Policy['limits']> {
  const given = Object.entries(shares).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.flatMap(([key, value]) =>
      configurableLimits[key as keyof typeof configurableLimits].map((limit) => [
        limit,
        { value, source: `config, analyzer.policy.${key}` },
      ]),
    ),
  );
}

function promised(slo: NonNullable<AnalyzerConfig['slo']>): Policy['slo'] {
  const given = Object.entries(slo).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, { value, source: `config, analyzer.slo.${key}` }]));
}
