// Runs instant queries against Prometheus, Thanos, Mimir or VictoriaMetrics.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { PrometheusSource } from './config.ts';
import { addressHint, callPrometheus, isOfMissingData, partialHint } from './prometheus-api.ts';

/** The last sample of one series within the requested time. */
interface InstantSample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

interface InstantQuery {
  expression: string;
  /** Older samples are ignored; the default of Prometheus is five minutes. */
  freshWithinSeconds: number;
}

/** A guard queries single figures, not exports. */
const mostBytes = 4 * 2 ** 20;
const timeoutSeconds = 30;

const Data = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
  z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) }),
  z.object({ resultType: z.enum(['matrix', 'string', 'streams']) }),
]);

/** @throws AppError prometheus-refused, credentials-refused */
export async function queryNow(
  source: PrometheusSource,
  { expression, freshWithinSeconds }: InstantQuery,
  { signal }: { signal: AbortSignal },
): Promise<readonly InstantSample[]> {
  const refused = (what: string, hint?: string) =>
    new AppError('prometheus-refused', `cannot query ${source.url} for ${expression}: ${what}`, { hint });
  // With a unit, Prometheus does not parse decimals.
  const parameters = { query: expression, lookback_delta: String(freshWithinSeconds) };
  const limits = { signal, timeoutSeconds, mostBytes };
  const answer = await callPrometheus(source, 'query', Object.entries(parameters), limits);
  if (answer.kind !== 'data') throw refused(answer.reason, answer.hint);
  const missing = answer.warnings.find(isOfMissingData);
  if (missing !== undefined) throw refused(missing, partialHint);
  const { data, error } = Data.safeParse(answer.data);
  if (error !== undefined) throw refused('the answer contains no instant value', addressHint);
  if (data.resultType === 'vector') {
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }
  if (data.resultType === 'scalar') return [{ labels: {}, value: Number(data.result[1]) }];
  throw refused(
    `the expression returns a ${data.resultType}, but an instant value is needed`,
    'remove the range in brackets, or wrap it in a function such as rate() or max_over_time()',
  );
}
