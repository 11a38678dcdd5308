import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { PrometheusSource } from '../../../../../analyzer/evidence/sources/config.ts';
import { queryNow } from '../../../../../analyzer/evidence/sources/prometheus-query.ts';
import { createAuthority } from '../../../../../loadgen/remote/certificate.ts';

const answers: Record<string, [status: number, body: string]> = {
  up: [200, '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1,"0.5"]}]}}'],
  '1': [200, '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}'],
  'up[5m]': [200, '{"status":"success","data":{"resultType":"matrix","result":[]}}'],
  'up{': [400, '{"status":"error","errorType":"bad_data","error":"1:4: parse error: unexpected end"}'],
  half: [200, '{"status":"success","isPartial":true,"data":{"resultType":"scalar","result":[1,"1"]}}'],
  // As Thanos responds while a store is down, and as Thanos and Prometheus annotate an expression.
  short: [
    200,
    '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]},"warnings":["PromQL info: metric might not be a counter","receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable"]}',
  ],
  remarks: [
    200,
    '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]},"warnings":["PromQL warning: quantile value should be between 0 and 1, got 90","3 more warning annotations omitted","No StoreAPIs matched for this query"],"infos":["PromQL info: metric might not be a counter"]}',
  ],
  page: [200, '<html>a page for people</html>'],
  secret: [401, 'who are you?'],
};

async function serving() {
  const asked: { headers: IncomingMessage['headers']; parameters: Record<string, string> }[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const parameters = Object.fromEntries(new URLSearchParams(await text(request)));
    asked.push({ headers: request.headers, parameters });
    const [status, body] = answers[parameters['query'] ?? ''] ?? [500, ''];
    response.writeHead(status).end(body);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = (expression: string, over: object = {}, freshWithinSeconds = 2) =>
    queryNow(PrometheusSource.parse({ url, ...over }), { expression, freshWithinSeconds }, io());
  return { asked, ask, [Symbol.asyncDispose]: async () => void server.close() };
}
const io = () => ({ signal: AbortSignal.timeout(5000) });

test('returns the samples of a vector and the value of a scalar', async () => {
  await using prometheus = await serving();
  expect(await prometheus.ask('up')).toEqual([{ labels: { job: 'a' }, value: 0.5 }]);
  expect(await prometheus.ask('1')).toEqual([{ labels: {}, value: 1 }]);
});

test('requests only fresh samples, with the tenant and the authorization', async () => {
  await using prometheus = await serving();
  process.env['PROMETHEUS_TEST_TOKEN'] = 'xyzzy';
  await prometheus.ask('up', { tenant: 'mq', authorization: { bearerToken: '${env:PROMETHEUS_TEST_TOKEN}' } });
  expect(prometheus.asked[0]).toMatchObject({
    parameters: { query: 'up', lookback_delta: '2' },
    headers: { 'x-scope-orgid': 'mq', 'thanos-tenant': 'mq', authorization: 'Bearer xyzzy' },
  });
});

test('sends seconds without a unit, since Prometheus rejects decimals with a unit', async () => {
  await using prometheus = await serving();
  await prometheus.ask('up', {}, 16.5);
  expect(prometheus.asked[0]?.parameters['lookback_delta']).toBe('16.5');
});

test('annotations of an expression do not hide its value', async () => {
  await using prometheus = await serving();
  expect(await prometheus.ask('remarks')).toEqual([{ labels: {}, value: 1 }]);
});

test.each([
  ['up{', 'prometheus-refused', 'parse error: unexpected end'],
  ['up[5m]', 'prometheus-refused', 'returns a matrix'],
  ['half', 'prometheus-refused', 'a storage node did not answer'],
  ['short', 'prometheus-refused', 'receive series from Addr: 10.0.0.2:10901'],
  ['page', 'prometheus-refused', 'not an answer of Prometheus'],
  ['secret', 'credentials-refused', 'HTTP 401'],
])('rejects %s with the reason', async (expression, code, words) => {
  await using prometheus = await serving();
  await expect(prometheus.ask(expression)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test('the error of a refused connection names the address', async () => {
  const source = PrometheusSource.parse({ url: 'http://127.0.0.1:1' });
  const asking = queryNow(source, { expression: 'up', freshWithinSeconds: 2 }, io());
  await expect(asking).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});

test('trusts the certificate authority of the source', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-authority-'));
  const authority = createAuthority(new Date());
  const { certificate, key } = authority.issue('localhost', 'server');
  const ca = join(folder.path, 'ca.pem');
  await writeFile(ca, authority.certificate);
  const server = createTlsServer({ cert: certificate, key }, (_, response) => response.end(answers['1']?.[1]));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const ask = (over: object) =>
    queryNow(PrometheusSource.parse({ url, ...over }), { expression: '1', freshWithinSeconds: 2 }, io());
  await expect(ask({})).rejects.toMatchObject({ code: 'prometheus-refused' });
  expect(await ask({ tls: { ca } })).toEqual([{ labels: {}, value: 1 }]);
  server.close();
});
