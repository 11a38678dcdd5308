// Defines the config section `exporter.otlp`: where metrics are pushed, how often, and under which identity.

import { z } from 'zod';
import { HttpAuthorization, SecretHeaders, HttpUrl } from '../../core/http/http-config.ts';
import { Duration } from '../../core/text/quantity.ts';

export const OtlpConfig = z
  .strictObject({
    url: HttpUrl.meta({ examples: ['http://collector:4318/v1/metrics'] }).describe(
      'OTLP/HTTP endpoint for metrics, with its path',
    ),
    every: Duration.prefault('60s')
      .refine((value) => value >= 5, 'push every 5 s or less often')
      .describe('interval between pushes'),
    timeout: Duration.prefault('10s').describe('timeout of one request before it is retried'),
    authorization: HttpAuthorization.optional(),
    headers: SecretHeaders.default({}),
    attributes: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        'attributes of the resource; `service.name` (plimsoll) and `service.instance.id` (shard or host:port) unless set here',
      ),
  })
  .describe('push the metrics of /metrics with the OpenTelemetry protocol');
export type OtlpConfig = z.output<typeof OtlpConfig>;
