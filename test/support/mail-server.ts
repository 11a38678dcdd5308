// Runs a real SMTP server that stores accepted mails.

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

export interface MailServer extends AsyncDisposable {
  /** `host:port`. */
  address: string;
  readonly mails: { to: string[]; headers: string; text: string; isEncrypted: boolean; user?: string }[];
  connections: number;
  /** Reply code to the mail; 250 by default. */
  status: number;
  /** Delay of the reply after the mail was stored, in milliseconds. */
  answerMs: number;
  /** Whether the connection ends without a reply after the mail was stored. */
  breaks: boolean;
  /** Addresses that are rejected with 550. */
  readonly unknown: Set<string>;
}

export interface MailServerOptions {
  tls?: { key: string; cert: string };
  /** True for implicit TLS. */
  isSecure?: boolean;
  /** Required login; absent if the server offers no login. */
  login?: { user: string; password: string };
}

export async function startMailServer({ tls, isSecure = false, login }: MailServerOptions = {}): Promise<MailServer> {
  const mails: MailServer['mails'] = [];
  const server = new SMTPServer({
    ...tls,
    secure: isSecure,
    logger: false,
    authOptional: login === undefined,
    disabledCommands: [...(login === undefined ? ['AUTH'] : []), ...(tls === undefined ? ['STARTTLS'] : [])],
    onConnect(_session, done) {
      own.connections++;
      done();
    },
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) return done(null, { user: username });
      done(Object.assign(new Error('authentication failed'), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      if (!own.unknown.has(address)) return done();
      done(Object.assign(new Error('no such user'), { responseCode: 550 }));
    },
    onData(stream, session, done) {
      void keep(stream, session, done);
    },
  });

  async function keep(
    stream: SMTPServerDataStream,
    { envelope, secure, user }: SMTPServerSession,
    done: (error?: Error) => void,
  ): Promise<void> {
    const raw = await text(stream);
    if (own.status !== 250) return done(Object.assign(new Error('not now'), { responseCode: own.status }));
    const [headers = '', body = ''] = raw.split(/\r\n\r\n([\s\S]*)/);
    mails.push({
      to: envelope.rcptTo.map(({ address }) => address),
      headers,
      text: decoded(headers, body),
      isEncrypted: secure,
      ...(user !== undefined && { user: String(user) }),
    });
    await sleep(own.answerMs);
    if (own.breaks) for (const socket of sockets) socket.destroy();
    done();
  }
  // A client that rejects the certificate closes the connection.
  server.on('error', () => undefined);
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const own: MailServer = {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    mails,
    connections: 0,
    status: 250,
    answerMs: 0,
    breaks: false,
    unknown: new Set(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
  return own;
}

function decoded(headers: string, body: string): string {
  if (/^content-transfer-encoding: *base64/im.test(headers)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/^content-transfer-encoding: *quoted-printable/im.test(headers)) return body;
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
