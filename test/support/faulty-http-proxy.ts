// Proxies HTTP with slow, truncated and failing responses.

import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

export type HttpFault = 'none' | 'slow' | 'cut' | 'error-in-the-middle' | 'busy' | 'gone';

export interface FaultyHttpProxy extends AsyncDisposable {
  url: string;
  /** Fault by request number, from 1. */
  faults: number;
}

/** @param fault called for each request, in their order */
export async function startFaultyHttpProxy(
  upstream: string,
  fault: (nth: number, path: string) => HttpFault,
): Promise<FaultyHttpProxy> {
  let nth = 0;
  const proxy = { faults: 0 };
  const server = createServer((incoming, outgoing) => {
    const kind = fault(++nth, incoming.url ?? '');
    if (kind !== 'none') proxy.faults++;
    void pass(incoming, outgoing, upstream, kind).catch(() => outgoing.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  upstream: string,
  kind: HttpFault,
): Promise<void> {
  if (kind === 'busy') {
    incoming.resume();
    outgoing.writeHead(429, { 'Retry-After': '1' }).end();
    return;
  }
  if (kind === 'gone') {
    outgoing.destroy();
    return;
  }
  const onward = request(`${upstream}${incoming.url ?? ''}`, { method: incoming.method, headers: incoming.headers });
  incoming.pipe(onward);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  if (kind === 'none') {
    outgoing.end(body);
    return;
  }
  outgoing.write(body.subarray(0, body.length / 2));
  if (kind === 'slow') {
    // Longer than the test's response timeout, then the whole response.
    await setTimeout(1500);
    outgoing.end(body.subarray(body.length / 2));
  } else if (kind === 'cut') outgoing.destroy();
  else outgoing.end(Buffer.alloc(body.length - Math.floor(body.length / 2), 'upstream connect error '));
}
