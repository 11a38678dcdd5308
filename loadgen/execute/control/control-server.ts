// Serves status, metrics and stop of a running load test on the loopback address.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { removeControlFile, writeControlFile } from './control-file.ts';

interface ControlParts {
  directory: string;
  configArgs?: string | undefined;
  /** Returns a value to serialize as JSON. */
  status(): unknown;
  /** Returns a page in Prometheus' text format. */
  metrics(): string | Promise<string>;
  onStop(reason: string): void;
}

/** Limit of the stop reason, in characters. */
const longestReason = 200;
const textFormat = 'text/plain; version=0.0.4; charset=utf-8';

/*
 * GET  /         status, JSON
 * GET  /metrics  of the running test
 * POST /stop     Authorization: Bearer TOKEN; the body is the reason; responds once the load is being stopped
 */
export async function serveControl(parts: ControlParts): Promise<AsyncDisposable & { url: string }> {
  const { directory, configArgs } = parts;
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    // A client that aborts its request must not end the load test process.
    answer(request, response, parts, token).catch(() => response.destroy());
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 5000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The server alone must not keep the process running.
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeControlFile(directory, { url, token, pid: process.pid, configArgs });
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await removeControlFile(directory);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, metrics, onStop }: ControlParts,
  token: string,
): Promise<void> {
  const send = (code: number, type: string, body: string) =>
    void response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /') return send(200, 'application/json', `${JSON.stringify(status())}\n`);
  if (route === 'GET /metrics') return send(200, textFormat, await metrics());
  if (route !== 'POST /stop') return send(404, 'text/plain', 'GET /, GET /metrics or POST /stop\n');
  if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) {
    return send(403, 'text/plain', 'the token is in control.json of the run bundle\n');
  }
  const reason = await readReason(request);
  onStop(reason === '' ? 'requested over HTTP' : `requested over HTTP: ${reason}`);
  send(202, 'text/plain', 'stopping the load\n');
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function readReason(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > longestReason) break;
  }
  return text
    .slice(0, longestReason)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
}
