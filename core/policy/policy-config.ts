// Which policy values does this installation set differently? The `analyzer` section of plimsoll.yaml.

import { z } from 'zod';
import { Duration, Share } from '../text/quantity.ts';
import { readDefaultPolicy, type Policy } from './policy.ts';

export const AnalyzerConfig = z.strictObject({
  policy: z
    .strictObject({
      cpu: Share.optional().describe('share of all cores that may be busy; default 0.7'),
      network: Share.optional().describe('share of a link, per direction; default 0.8'),
      disk: Share.optional().describe('share of the time a disk may be busy; default 0.8'),
      memory: Share.optional().describe('share of memory that may be in use; default 0.9'),
      confirmationTime: Duration.optional().describe('how long a step must hold to confirm its rate; default 10m'),
    })
    .default({}),
  retention: Duration.optional().describe(
    'retention of messages; the disk limit is then computed from the average rate',
  ),
  slo: z
    .strictObject({
      publishLatencyP99: Duration.optional().describe('intended to acknowledged, of each step'),
      endToEndP99: Duration.optional().describe('intended to consumed, of each step'),
      lagTime: Duration.optional().describe('how long ago what a group reads may have been produced'),
      sendErrors: Share.optional().describe('share of the messages that may fail'),
    })
    .optional()
    .describe('what was promised to users; limits like those of resources'),
});
export type AnalyzerConfig = z.infer<typeof AnalyzerConfig>;

/** @returns the shipped policy with the values of this config, whose source then says so */
export function policyOf({ policy: own, slo, retention }: AnalyzerConfig = { policy: {} }): Policy {
  const shipped = readDefaultPolicy();
  const { limits, confirmationSeconds } = shipped;
  const stated = (value: number, key: string) => ({ value, source: `config, analyzer.policy.${key}` });
  const network = own.network === undefined ? undefined : stated(own.network, 'network');
  return {
    ...shipped,
    limits: {
      ...limits,
      cpu: own.cpu === undefined ? limits.cpu : stated(own.cpu, 'cpu'),
      memory: own.memory === undefined ? limits.memory : stated(own.memory, 'memory'),
      'disk-io': own.disk === undefined ? limits['disk-io'] : stated(own.disk, 'disk'),
      'network-in': network ?? limits['network-in'],
      'network-out': network ?? limits['network-out'],
    },
    confirmationSeconds:
      own.confirmationTime === undefined ? confirmationSeconds : stated(own.confirmationTime, 'confirmationTime'),
    ...(slo && { slo: promised(slo) }),
    ...(retention !== undefined && {
      retentionSeconds: { value: retention, source: 'config, analyzer.retention' },
    }),
  };
}

function promised(slo: NonNullable<AnalyzerConfig['slo']>): Policy['slo'] {
  const given = Object.entries(slo).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, { value, source: `config, analyzer.slo.${key}` }]));
}
