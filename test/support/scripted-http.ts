// Serves scripted HTTP responses, one per request.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface SentRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Parameters of the query or form. */
  parameters: Readonly<Record<string, string>>;
}

export interface ScriptedHttp extends AsyncDisposable {
  url: string;
  asked: SentRequest[];
}

export async function startScriptedHttp(
  answer: (asked: SentRequest, response: ServerResponse, nth: number) => void,
): Promise<ScriptedHttp> {
  const asked: SentRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://here');
      const form = request.method === 'POST' && !body.startsWith('{') ? new URLSearchParams(body) : url.searchParams;
      const one = { path: url.pathname, headers: request.headers, body, parameters: Object.fromEntries(form) };
      asked.push(one);
      answer(one, response, asked.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
