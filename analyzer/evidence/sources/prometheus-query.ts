// Runs instant queries against Prometheus, Thanos, Mimir or VictoriaMetrics.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { authorizationHeader } from '../../../core/http/http-authorization.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import type { PrometheusSource } from './config.ts';
import { exchange } from './http-exchange.ts';

/** One series of an instant vector, as last written within the requested time. */
interface InstantSample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

interface InstantQuery {
  expression: string;
  /** Samples older than this are not there: a Prometheus shows them for five minutes otherwise. */
  freshWithinSeconds: number;
}

/** A guard queries figures, not exports. */
const mostBytes = 4 * 2 ** 20;
const timeoutSeconds = 30;

export const partialAnswer = 'the answer is partial: a storage node did not answer';

/**
 * Thanos warns of a store that did not answer, Cortex of partial data, Prometheus of a remote read. Annotations of PromQL describe the
 * expression, and old versions of Thanos warn of times before their first sample.
 */
export const isOfMissingData = (warning: string): boolean =>
  !/^PromQL |annotations omitted$|No StoreAPIs matched for this query/.test(warning);

/** What the API wraps its data in. */
export const envelopeOf = <Data extends z.ZodType>(data: Data) =>
  z.discriminatedUnion('status', [
    z.object({
      status: z.literal('success'),
      data,
      /** VictoriaMetrics cluster: series of a storage node are missing. */
      isPartial: z.boolean().optional(),
      warnings: z.array(z.string()).optional(),
    }),
    z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string().optional() }),
  ]);

const Answer = envelopeOf(
  z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
    }),
    z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) }),
    z.object({ resultType: z.enum(['matrix', 'string', 'streams']) }),
  ]),
);

/** @throws AppError prometheus-refused, credentials-refused */
export async function queryNow(
  source: PrometheusSource,
  { expression, freshWithinSeconds }: InstantQuery,
  { signal }: { signal: AbortSignal },
): Promise<readonly InstantSample[]> {
  const { url, authorization, tenant, tls } = source;
  const refused = (what: string, options: { hint?: string } = {}) =>
    new AppError('prometheus-refused', `cannot query ${url} for ${expression}: ${what}`, options);
  const response = await exchange(
    {
      url: `${url.replace(/\/+$/, '')}/api/v1/query`,
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        ...(tenant !== undefined && { 'X-Scope-OrgID': tenant, 'THANOS-TENANT': tenant }),
        ...authorizationHeader(authorization),
      },
      // With a unit, Prometheus parses no decimals.
      body: new URLSearchParams({ query: expression, lookback_delta: String(freshWithinSeconds) }).toString(),
      ca: tls?.ca,
      timeoutSeconds,
      mostBytes,
    },
    { signal },
  );
  if (response.kind !== 'answered') throw refused(response.reason);
  const { status, text } = response;
  if (status === 401 || status === 403) {
    throw new AppError('credentials-refused', `${url} answered with HTTP ${status}`, {
      hint: 'state `authorization` with username and password, or with bearerToken',
    });
  }
  const answer = Answer.safeParse(parseJson(text));
  if (!answer.success) {
    throw refused(`HTTP ${status}, not an answer of Prometheus`, {
      hint: 'give the URL below which /api/v1/query lies',
    });
  }
  if (answer.data.status === 'error') throw refused(answer.data.error ?? answer.data.errorType ?? 'it gave no reason');
  const missing = answer.data.isPartial === true ? partialAnswer : answer.data.warnings?.find(isOfMissingData);
  if (missing !== undefined) {
    throw refused(missing, {
      hint: 'a sum over the other nodes is too low: start the node, or replicate each series',
    });
  }
  const { data } = answer.data;
  if (data.resultType === 'vector') {
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }
  if (data.resultType === 'scalar') return [{ labels: {}, value: Number(data.result[1]) }];
  throw refused(`the expression returns a ${data.resultType}, but an instant value is needed`, {
    hint: 'remove the range in brackets, or wrap it in a function such as rate() or max_over_time()',
  });
}
