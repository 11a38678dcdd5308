// Calls the Zabbix API: JSON-RPC 2.0 with a token, in a header since version 6.4 and in the request before.

import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { ZabbixApi } from './config.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { exchange } from './http-exchange.ts';
import { patiently } from './patience.ts';
import type { ApiAnswer } from './prometheus-api.ts';

export type ZabbixSession = Awaited<ReturnType<typeof openZabbix>>;

const Reply = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string().default(''), data: z.unknown() }) }),
  z.object({ result: z.unknown() }),
]);

/** @throws AppError zabbix-refused if the server is not a Zabbix server */
export async function openZabbix(source: ZabbixApi, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
  let requests = 0;
  let hasTokenHeader = true;
  const refused = (method: string, reason: string, options: { hint?: string } = {}) =>
    new AppError('zabbix-refused', `cannot call ${method} of ${source.url}: ${reason}`, options);

  async function once(method: string, params: object): Promise<ApiAnswer> {
    requests++;
    const token = method === 'apiinfo.version' ? undefined : source.token.reveal();
    const answer = await exchange(
      {
        url: source.url,
        method: 'POST',
        headers: {
          'Content-Type': 'application/json-rpc',
          ...(token !== undefined && hasTokenHeader && { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: requests,
          method,
          params,
          ...(token !== undefined && !hasTokenHeader && { auth: token }),
        }),
        ca: source.tls?.ca,
        timeoutSeconds: source.timeout,
      },
      { signal },
    );
    if (answer.kind !== 'answered') return answer;
    const { status, text, retryAfterSeconds } = answer;
    if (status === 401 || status === 403)
      throw new AppError('credentials-refused', `${source.url} answered with HTTP ${status}`, {
        hint: 'check the token of the source, and that its user may read the hosts',
      });
    if (status === 429 || status >= 500) {
      return {
        kind: 'failed',
        reason: `HTTP ${status}`,
        isCut: false,
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      };
    }
    const reply = Reply.safeParse(parseJson(text)).data;
    if (reply === undefined) {
      return status === 200 && text.trimStart().startsWith('{')
        ? { kind: 'failed', reason: 'the answer is incomplete', isCut: true }
        : { kind: 'refused', reason: `HTTP ${status}, not an answer of the Zabbix API` };
    }
    if ('error' in reply) {
      const { message, data } = reply.error;
      const reason = [message, typeof data === 'string' ? data : ''].filter((each) => each !== '').join(' ');
      if (/not authori[sz]ed|session terminated|re-login|api token/i.test(reason)) {
        throw new AppError('credentials-refused', `${source.url} says: ${reason}`, {
          hint: 'make an API token under Users, API tokens, for a user who may read the hosts',
        });
      }
      return { kind: 'refused', reason };
    }
    return { kind: 'data', data: reply.result, warnings: [], wireBytes: answer.wireBytes };
  }

  /** Returns a failure that outlasts the attempts as a value. @throws AppError zabbix-refused if the server refused the request */
  async function tryCall<Row extends z.ZodType>(method: string, shape: z.ZodArray<Row>, params: object) {
    const answer = await patiently(() => once(method, params), { clock, signal });
    if (answer.kind === 'failed') return { kind: 'failed' as const, reason: answer.reason };
    if (answer.kind !== 'data') throw refused(method, answer.reason);
    const rows = shape.safeParse(answer.data);
    if (!rows.success) throw refused(method, 'the answer has another shape than the documentation gives');
    return { kind: 'rows' as const, rows: rows.data };
  }

  /** @throws AppError zabbix-refused, credentials-refused */
  async function call<Row extends z.ZodType>(method: string, shape: z.ZodArray<Row>, params: object) {
    const answer = await tryCall(method, shape, params);
    if (answer.kind === 'failed') throw refused(method, answer.reason);
    return answer.rows;
  }

  const version = await patiently(() => once('apiinfo.version', {}), { clock, signal });
  if (version.kind !== 'data' || typeof version.data !== 'string') {
    throw refused('apiinfo.version', version.kind === 'data' ? 'it gave no version' : version.reason);
  }
  const [major = 0, minor = 0] = version.data.split('.').map(Number);
  hasTokenHeader = major > 6 || (major === 6 && minor >= 4);

  return { tryCall, call };
}
