// Runs a real OpenID provider (oidc-provider) behind a small proxy that can alter its responses or stop listening.

import { spawn } from 'node:child_process';
import { createPrivateKey, createSign, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { npmPackage } from '../npm-package.ts';

export const clientSecret = 'client-secret-of-the-test';

/** @returns the body that replaces the provider's */
export type Alter = (path: string, body: string) => string | Promise<string>;

export interface IdentityProvider extends AsyncDisposable {
  issuer: string;
  /** Request counts by path. */
  requests: string[];
  /** Applies to all subsequent responses. */
  alter(change: Alter | undefined): void;
  /** Replaces claims of a signed token, and signs it again with the key of the provider. */
  resigned(token: string, claims: object): string;
  /** Refuses connections from now on. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface ProviderSetting {
  /** URL of the service, without a trailing slash. */
  publicUrl: string;
  /** Claims by login name. */
  accounts: Record<string, object>;
  /** True if groups are in the ID token; otherwise only in userinfo. */
  inToken?: boolean;
  /** Certificate for HTTPS only; absent for plain HTTP. */
  tls?: ServerCertificate | undefined;
}

/** Certificate and key in PEM. */
export interface ServerCertificate {
  key: string;
  cert: string;
}

export async function startIdentityProvider({
  publicUrl,
  accounts,
  inToken = false,
  tls,
}: ProviderSetting): Promise<IdentityProvider> {
  const modules = await npmPackage('oidc-provider@9.13.3');
  const requests: string[] = [];
  let change: Alter | undefined;
  let upstream = 0;
  let server = await listening(pass, 0, tls);
  const { port } = server.address() as AddressInfo;
  const issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const setting = {
    modules,
    issuer,
    accounts,
    inToken,
    clients: [
      {
        client_id: 'plimsoll',
        client_secret: clientSecret,
        redirect_uris: [`${publicUrl}/login/callback`],
        post_logout_redirect_uris: [`${publicUrl}/login/out`],
      },
    ],
  };
  const script = fileURLToPath(new URL('process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(setting)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const ended = once(child, 'close');
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof line[0] !== 'string') throw new Error(`the provider ended: ${said}`);
  const { port: own, key } = JSON.parse(line[0]) as { port: number; key: JsonWebKey };
  upstream = own;
  const privateKey = createPrivateKey({ key, format: 'jwk' });

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = (incoming.url ?? '').split('?')[0] ?? '';
    requests.push(path);
    const { method, url } = incoming;
    const headers = { ...incoming.headers, ...(tls && { 'x-forwarded-proto': 'https' }) };
    const onward = request({ host: '127.0.0.1', port: upstream, path: url, method, headers }, (answer) => {
      void answered(answer, path).then((body) => {
        const { 'content-length': _, 'transfer-encoding': __, ...rest } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, rest).end(body);
      });
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  async function answered(answer: IncomingMessage, path: string): Promise<string> {
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += String(part);
    return change === undefined ? text : change(path, text);
  }

  const stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    issuer,
    requests,
    alter: (next) => void (change = next),
    resigned(token, claims) {
      const [header = '', payload = ''] = token.split('.');
      const before = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
      const text = `${header}.${Buffer.from(JSON.stringify({ ...before, ...claims })).toString('base64url')}`;
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
    },
    stop,
    async start() {
      server = await listening(pass, port, tls);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
      await stop();
    },
  };
}

async function listening(
  handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
  port: number,
  tls?: ServerCertificate,
) {
  const server: Server = tls ? createTlsServer(tls, handler) : createServer(handler);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Returns a port that is currently free. */
export async function freePort(): Promise<number> {
  const server = await listening(() => undefined, 0);
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
