// Calls the HTTP API of Prometheus and returns data or a classified failure.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { authorizationHeader } from '../../../core/http/http-authorization.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import type { PrometheusTelemetry } from './config.ts';
import { exchange, type HttpFailure, type WholeAnswer } from './http-exchange.ts';
import { envelopeOf, partialAnswer } from './prometheus-query.ts';

const Envelope = envelopeOf(z.unknown());

export type ApiAnswer =
  | { kind: 'data'; data: unknown; warnings: readonly string[]; wireBytes: number }
  /** It will not get better by asking again. */
  | { kind: 'refused'; reason: string }
  | HttpFailure;

/** @throws AppError credentials-refused, secret-unreadable, config-unreadable */
export async function callPrometheus(
  source: PrometheusTelemetry,
  path: string,
  parameters: readonly [name: string, value: string][],
  { signal }: { signal: AbortSignal },
): Promise<ApiAnswer> {
  const { url, tenant, authorization, tls, timeout } = source;
  const query = new URLSearchParams([...parameters]).toString();
  const isQuery = path === 'query' || path === 'query_range';
  const address = `${url.replace(/\/+$/, '')}/api/v1/${path}`;
  const answer = await exchange(
    {
      // Only queries may be posted everywhere; the others have short parameters.
      url: isQuery ? address : `${address}?${query}`,
      method: isQuery ? 'POST' : 'GET',
      headers: {
        ...(isQuery && { 'Content-Type': 'application/x-www-form-urlencoded' }),
        ...(tenant !== undefined && { 'X-Scope-OrgID': tenant, 'THANOS-TENANT': tenant }),
        ...authorizationHeader(authorization),
      },
      ...(isQuery && { body: query }),
      ca: tls?.ca,
      timeoutSeconds: timeout,
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
    // A proxy that counts wrong ends the body early and calls it whole.
    return status === 200 && text.trimStart().startsWith('{')
      ? { kind: 'failed', reason: 'the answer is incomplete', isCut: true }
      : { kind: 'refused', reason: `HTTP ${status}, not an answer of Prometheus` };
  }
  if (envelope.status === 'error') {
    const reason = envelope.error ?? envelope.errorType ?? `HTTP ${status}`;
    const isTooMuch =
      status === 413 || /too many (samples|points|chunks|series)|exceeded maximum resolution|limit/i.test(reason);
    return { kind: isTooMuch ? 'too-much' : 'refused', reason };
  }
  // The sum over the remaining nodes is too low, and the response does not show it.
  if (envelope.isPartial === true) {
    return { kind: 'failed', reason: partialAnswer, isCut: false };
  }
  return { kind: 'data', data: envelope.data, warnings: envelope.warnings ?? [], wireBytes };
}
