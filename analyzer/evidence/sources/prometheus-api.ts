// Calls the HTTP API of Prometheus and returns data or a classified failure.

import { z } from 'zod';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { authorizationHeader } from '../../../core/http/http-config.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import type { PrometheusSource } from './config.ts';
import { exchange, type HttpFailure, type WholeAnswer } from './http-exchange.ts';

const Envelope = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.unknown(),
    /** VictoriaMetrics cluster: series of a storage node are missing. */
    isPartial: z.boolean().optional(),
    warnings: z.array(z.string()).optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string().optional() }),
]);

export const addressHint = 'give the URL below which /api/v1/query lies';
export const partialHint = 'a sum over the other nodes is too low: start the node, or replicate each series';

/**
 * Warnings of missing data come from Thanos (a store did not respond), Cortex (partial data) and Prometheus (a remote
 * read failed). Annotations of PromQL describe the expression, and old versions of Thanos warn of times before their
 * first sample.
 */
export const isOfMissingData = (warning: string): boolean =>
  !/^PromQL |annotations omitted$|No StoreAPIs matched for this query/.test(warning);

export type ApiAnswer =
  | { kind: 'data'; data: unknown; warnings: readonly string[]; wireBytes: number }
  /** A retry would not help. */
  | { kind: 'refused'; reason: string; hint?: string }
  | (HttpFailure & { hint?: string });

interface CallLimits {
  signal: AbortSignal;
  timeoutSeconds: number;
  mostBytes?: number;
}

/** @throws AppError credentials-refused, secret-unreadable, config-unreadable */
export async function callPrometheus(
  source: PrometheusSource,
  path: string,
  parameters: readonly [name: string, value: string][],
  { signal, timeoutSeconds, mostBytes }: CallLimits,
): Promise<ApiAnswer> {
  const { url, tenant, authorization, tls } = source;
  const query = new URLSearchParams([...parameters]).toString();
  const isQuery = path === 'query' || path === 'query_range';
  const address = `${url.replace(/\/+$/, '')}/api/v1/${path}`;
  const answer = await exchange(
    {
      // Only queries can be posted everywhere; other requests have short parameters.
      url: isQuery ? address : `${address}?${query}`,
      method: isQuery ? 'POST' : 'GET',
      headers: {
        ...(isQuery && { 'Content-Type': 'application/x-www-form-urlencoded' }),
        ...(tenant !== undefined && { 'X-Scope-OrgID': tenant, 'THANOS-TENANT': tenant }),
        ...authorizationHeader(authorization),
      },
      ...(isQuery && { body: query }),
      ca: tls?.ca,
      timeoutSeconds,
      ...defined({ mostBytes }),
    },
    { signal },
  );
  return answer.kind === 'answered' ? understood(answer, url) : answer;
}

function understood(answer: WholeAnswer, url: string): ApiAnswer {
  const { status, text, wireBytes, retryAfterSeconds } = answer;
  if (status === 401 || status === 403) {
    throw new AppError('credentials-refused', `${url} answered with HTTP ${status}`, {
      hint: 'state `authorization` with username and password or with bearerToken, and `tenant` where there are several',
    });
  }
  const envelope = Envelope.safeParse(parseJson(text)).data;
  if (status === 429 || status >= 500) {
    const reason = envelope?.status === 'error' ? envelope.error : undefined;
    return {
      kind: 'failed',
      reason: reason === undefined ? `HTTP ${status}` : `HTTP ${status}: ${reason}`,
      isCut: status === 504,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  }
  if (envelope === undefined) {
    // A faulty proxy may end the body early and report it as complete.
    return status === 200 && text.trimStart().startsWith('{')
      ? { kind: 'failed', reason: 'the answer is incomplete', isCut: true }
      : { kind: 'refused', reason: `HTTP ${status}, not an answer of Prometheus`, hint: addressHint };
  }
  if (envelope.status === 'error') {
    const reason = envelope.error ?? envelope.errorType ?? `HTTP ${status}`;
    const isTooMuch =
      status === 413 || /too many (samples|points|chunks|series)|exceeded maximum resolution|limit/i.test(reason);
    return { kind: isTooMuch ? 'too-much' : 'refused', reason };
  }
  // The sum over the remaining nodes is too low, and the response does not show this.
  if (envelope.isPartial === true) {
    return {
      kind: 'failed',
      reason: 'the answer is partial: a storage node did not answer',
      isCut: false,
      hint: partialHint,
    };
  }
  return { kind: 'data', data: envelope.data, warnings: envelope.warnings ?? [], wireBytes };
}
