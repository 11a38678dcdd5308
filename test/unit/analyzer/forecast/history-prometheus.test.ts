import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../analyzer/evidence/sources/config.ts';
import { readHistory } from '../../../../analyzer/forecast/history-prometheus.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

let server: Server;
let answer: (response: ServerResponse) => void;
beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
});

const read = () => {
  const { port } = server.address() as AddressInfo;
  const source = PrometheusTelemetry.parse({ kind: 'prometheus', url: `http://127.0.0.1:${port}` });
  const io = { signal: new AbortController().signal, clock: createHandClock(100 * 86_400) };
  return readHistory(source, { expression: 'sum(x)', lastSeconds: 86_400 }, io);
};

test('a server that responds with an error is not reported as having no series', async () => {
  answer = (response) => void response.writeHead(502).end('<html>bad gateway</html>');
  await expect(read()).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('HTTP 502') as string,
  });
});

test('a Thanos with an unavailable store is not reported as having no series', async () => {
  const warnings = ['receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable'];
  const data = { resultType: 'matrix', result: [] };
  answer = (response) => void response.end(JSON.stringify({ status: 'success', data, warnings }));
  await expect(read()).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('rpc error') as string,
  });
});

test('a server without the series is reported as having none', async () => {
  const data = { resultType: 'matrix', result: [] };
  answer = (response) => void response.end(JSON.stringify({ status: 'success', data }));
  await expect(read()).rejects.toMatchObject({
    code: 'source-empty',
    message: expect.stringContaining('has no series for sum(x)') as string,
    messageZh: expect.stringContaining('没有 sum(x) 的时间序列') as string,
  });
});
