import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { createCertificateReader } from '../../../brokers/certificates.ts';
import { TlsConfig } from '../../../brokers/tls-config.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { createAuthority, lifetimeDays } from '../../../loadgen/remote/certificate.ts';
import { requires } from '../../support/prerequisites.ts';

const day = 86_400_000;
const io = { signal: AbortSignal.timeout(10_000) };
const tls = TlsConfig.parse({});

async function listenWith(options: TlsOptions, onHandshake: () => void = () => {}, port = 0) {
  const server = createServer(options, (socket) => {
    onHandshake();
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

function listenerIssued(daysAgo: number, onHandshake?: () => void, port?: number) {
  const { certificate, key } = createAuthority(new Date(Date.now() - daysAgo * day)).issue('broker', 'server');
  return listenWith({ cert: certificate, key }, onHandshake, port);
}

test("reads the expiry of each listener's certificate, even if expired or untrusted", async () => {
  await using valid = await listenerIssued(0);
  await using expired = await listenerIssued(lifetimeDays + 1);
  const addresses = [valid.address, expired.address, valid.address];
  const read = (await createCertificateReader(tls, systemClock)(addresses, io)) ?? [];
  expect(read.map(({ address }) => address)).toEqual([valid.address, expired.address]);
  const daysLeft = read.map(({ expiresAtMs }) => (expiresAtMs - Date.now()) / day);
  expect(daysLeft[0]).toBeCloseTo(lifetimeDays, 1);
  expect(daysLeft[1]).toBeCloseTo(-1, 1);
});

requires('openssl').test('a certificate is valid no longer than its certificate authority', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-certificates-'));
  const path = (name: string) => join(folder.path, name);
  const openssl = (...args: string[]) => spawnSync('openssl', args, { cwd: folder.path });
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', name, '-subj', `/CN=${name}`];
  openssl('req', '-x509', ...newKey('ca.key'), '-out', 'ca.pem', '-days', '10');
  openssl('req', '-new', ...newKey('broker.key'), '-out', 'broker.csr');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'broker.csr', ...signing, '-out', 'broker.pem', '-days', '100');
  await using broker = await listenWith({
    cert: `${await readFile(path('broker.pem'), 'utf8')}${await readFile(path('ca.pem'), 'utf8')}`,
    key: await readFile(path('broker.key')),
  });
  const [read] = (await createCertificateReader(tls, systemClock)([broker.address], io)) ?? [];
  expect(((read?.expiresAtMs ?? 0) - Date.now()) / day).toBeCloseTo(10, 1);
  expect(read?.lifetimeSeconds).toBe((10 * day) / 1000);
});

test('a certificate once read is refreshed at most every ten minutes and kept for a day without an answer', async () => {
  let now = 0;
  const read = createCertificateReader(tls, { monotonic: () => seconds(now) });
  let handshakes = 0;
  const { address } = await (async () => {
    await using broker = await listenerIssued(0, () => handshakes++);
    const [first] = (await read([broker.address, '127.0.0.1:1'], io)) ?? [];
    now = 599;
    expect(await read([broker.address, '127.0.0.1:1'], io)).toEqual([first]);
    await expect.poll(() => handshakes).toBe(1);
    return broker;
  })();
  now = 600;
  expect(await read([address], io)).toHaveLength(1);
  now = 86_401;
  expect(await read([address], io)).toEqual([]);
});

test('retries after a minute while a certificate was never read', async () => {
  let now = 0;
  const read = createCertificateReader(tls, { monotonic: () => seconds(now) });
  const { address, port } = await listenerIssued(0).then(async (closing) => {
    await using _ = closing;
    return { address: closing.address, port: Number(closing.address.split(':')[1]) };
  });
  expect(await read([address], io)).toEqual([]);
  await using _broker = await listenerIssued(0, undefined, port);
  now = 59;
  expect(await read([address], io)).toEqual([]);
  now = 60;
  expect(await read([address], io)).toHaveLength(1);
});

test('reads at most twenty certificates of a large cluster at once', async () => {
  const { certificate, key } = createAuthority(new Date()).issue('broker', 'server');
  const handshakes = createServer({ cert: certificate, key }, (socket) => socket.on('error', () => {}));
  const waiting: Socket[] = [];
  let accepted = 0;
  let most = 0;
  const server = createTcpServer((socket) => {
    most = Math.max(most, waiting.push(socket));
    accepted += 1;
    // A handshake without an answer is not complete, so the others wait for it.
    if (waiting.length < 20 && accepted < 100) return;
    setTimeout(() => {
      for (const each of waiting.splice(0)) handshakes.emit('connection', each);
    }, 50);
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const addresses = Array.from({ length: 100 }, (_, index) => `127.0.0.${index + 1}:${port}`);
  try {
    expect(await createCertificateReader(tls, systemClock)(addresses, io)).toHaveLength(100);
    expect(most).toBe(20);
  } finally {
    server.close();
  }
});

test('reads no certificates without TLS', async () => {
  const onConnection = vi.fn<() => void>();
  await using server = createTcpServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await createCertificateReader(undefined, systemClock)([address], io)).toBeUndefined();
  expect(onConnection).not.toHaveBeenCalled();
});
