import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { apiVersionsV0 } from '@platformatic/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createBatchSender } from '../../../../../brokers/kafka/platformatic/batch-sender.ts';
import { ask } from '../../../../../brokers/kafka/wire/ask.ts';
import { createConnections } from '../../../../../brokers/kafka/wire/connections.ts';
import { createLinks } from '../../../../../brokers/kafka/wire/links.ts';
import {
  apiKeys,
  apiVersionsAnswer,
  plainCredentials,
  saslAuthenticateAnswer,
  saslHandshakeAnswer,
  startScriptedKafka,
  type ScriptedAnswer,
} from '../../../../support/scripted-kafka.ts';
import { secretFile } from '../../../../support/secret-file.ts';

const io = { signal: AbortSignal.timeout(20_000) };
const patience = { connectMs: 2000, requestMs: 10_000 };
const ranges = {
  [apiKeys.apiVersions]: [0, 2],
  [apiKeys.saslHandshake]: [0, 1],
  [apiKeys.saslAuthenticate]: [0, 1],
} as const;
const answering: Record<number, ScriptedAnswer> = {
  [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
};
const frozen: Record<number, ScriptedAnswer> = { [apiKeys.apiVersions]: () => undefined };

function connectionsTo(bootstrap: readonly string[], more: object = {}) {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap, ...more });
  return createConnections('lab', config, patience);
}

test('a bootstrap broker that accepts connections but never responds costs half a second, not a timeout', async () => {
  await using hung = await startScriptedKafka(frozen);
  await using healthy = await startScriptedKafka(answering);
  await using connections = connectionsTo([hung.address, healthy.address]);
  const began = performance.now();
  expect((await connections.bootstrap(io)).address).toBe(healthy.address);
  expect(performance.now() - began).toBeLessThan(2000);
});

test('a broker is probed once, and the result is reused for its links', async () => {
  await using healthy = await startScriptedKafka(answering);
  const connections = connectionsTo([healthy.address]);
  await using links = createLinks(connections, { take: async () => undefined });
  await connections.bootstrap(io);
  await connections.bootstrap(io);
  await links.to(healthy.address, io);
  expect(healthy.asked).toEqual([apiKeys.apiVersions]);
});

test('if no broker responds, the error names each address', async () => {
  await using gone = await startScriptedKafka(answering);
  await using other = await startScriptedKafka(answering);
  const bootstrap = [gone.address, other.address];
  await Promise.all([gone[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  await using connections = connectionsTo(bootstrap);
  await expect(connections.bootstrap(io)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringMatching(
      new RegExp(`^cannot reach any broker of cluster lab: ${bootstrap[0]}: .*; ${bootstrap[1]}: `),
    ) as string,
  });
});

const saslOf = (file: string) => ({ sasl: { mechanism: 'plain', username: 'me', password: `\${file:${file}}` } });

test('a renewed password file is used for the next connection', async () => {
  let accepted = 'old';
  const given: (string | undefined)[] = [];
  await using broker = await startScriptedKafka({
    ...answering,
    [apiKeys.saslHandshake]: () => saslHandshakeAnswer('PLAIN'),
    [apiKeys.saslAuthenticate]: (request) => {
      const [, password] = plainCredentials(request);
      given.push(password);
      return saslAuthenticateAnswer({ errorCode: password === accepted ? 0 : 58 });
    },
  });
  const file = secretFile('old');
  await using connections = connectionsTo([broker.address], saslOf(file));
  const { connection } = await connections.bootstrap(io);
  accepted = 'new';
  const closed = new Promise<void>((resolve) => connection.once('close', resolve));
  broker.drop();
  await closed;
  await expect(connections.bootstrap(io)).rejects.toMatchObject({ code: 'credentials-refused' });
  writeFileSync(file, 'new');
  await connections.bootstrap(io);
  expect(given).toEqual(['old', 'old', 'new']);
});

test('certificate files are read at each connection', async () => {
  await using plain = await startScriptedKafka(answering);
  const ca = secretFile('');
  await using connections = connectionsTo([plain.address], { tls: { ca } });
  await expect(connections.bootstrap(io)).rejects.toMatchObject({ code: 'broker-unreachable' });
  rmSync(ca);
  await expect(connections.bootstrap(io)).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining(ca) as string,
  });
});

/** A handshake names the server in clear text: RFC 6066, section 3. */
test.each([
  ['the host that is dialled', 'localhost', {}, ['localhost']],
  ['the configured name', '127.0.0.1', { serverName: 'broker.example' }, ['broker.example']],
  ['no address', '127.0.0.1', {}, []],
])('TLS sends as server name: %s', async (_, host, tls, sent) => {
  const greeted = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (hello: Buffer) => {
      greeted.resolve(hello);
      socket.destroy();
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0), 'listening');
  await using connections = connectionsTo([`${host}:${(server.address() as AddressInfo).port}`], { tls });
  await expect(connections.bootstrap(io)).rejects.toMatchObject({ code: 'broker-unreachable' });
  const hello = await greeted.promise;
  expect(['localhost', '127.0.0.1', 'broker.example'].filter((name) => hello.includes(name))).toEqual(sent);
});

test('requests wait during re-authentication, because Kafka closes a connection that sends one then', async () => {
  let logins = 0;
  let isBetween = false;
  const interrupted: number[] = [];
  await using broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => {
      if (isBetween) interrupted.push(request.apiKey);
      return apiVersionsAnswer(request, ranges);
    },
    [apiKeys.saslHandshake]: () => {
      isBetween = true;
      return saslHandshakeAnswer('PLAIN');
    },
    [apiKeys.saslAuthenticate]: async () => {
      if (logins++ > 0) await new Promise((resolve) => setTimeout(resolve, 300));
      isBetween = false;
      return saslAuthenticateAnswer({ sessionLifetimeMs: logins > 1 ? 0 : 500 });
    },
  });
  await using connections = connectionsTo([broker.address], saslOf(secretFile('secret')));
  const { connection, address } = await connections.bootstrap(io);
  while (logins < 2) {
    await ask(connection, { action: 'read the API versions', address }, io, apiVersionsV0.api, '', '');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await ask(connection, { action: 'read the API versions', address }, io, apiVersionsV0.api, '', '');
  expect(interrupted).toEqual([]);
});

/** Sends without acks to a broker that does not read, until kernel buffers are full. */
async function sendingUnread() {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => accepted.resolve(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connections = connectionsTo([address]);
  const leaders = { of: async () => [address], forget: () => undefined };
  const send = createBatchSender(connections, leaders, { acks: 'none' });
  const values = [Buffer.alloc(2 ** 20)];
  const sends = Array.from({ length: 64 }, () => send({ topic: 't', partition: 0, values }, io));
  const outcomes = Promise.allSettled(sends);
  const peer = await accepted.promise;
  onTestFinished(async () => {
    await connections[Symbol.asyncDispose]();
    peer.destroy();
    server.close();
  });
  expect(await Promise.race([outcomes, delay(300, 'open')])).toBe('open');
  return {
    connections,
    outcomes,
    peer,
    sendAgain: (signal: AbortSignal) => send({ topic: 't', partition: 0, values }, { signal }),
  };
}

test('a batch without acks stays pending until the broker has read the bytes from the socket', async () => {
  const { outcomes, peer } = await sendingUnread();
  peer.resume();
  expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
});

test('a batch without acks that the broker does not read ends on abort or when the connection closes', async () => {
  const { connections, outcomes, sendAgain } = await sendingUnread();
  const stopping = new AbortController();
  const again = sendAgain(stopping.signal);
  setTimeout(() => stopping.abort(new Error('enough')), 50);
  await expect(again).rejects.toThrow('enough');
  await connections[Symbol.asyncDispose]();
  expect((await outcomes).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'broker-unreachable' } });
});
