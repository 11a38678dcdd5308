import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { expect, test } from 'vitest';
import { createCertificateReader } from '../../../brokers/certificates.ts';
import { TlsConfig } from '../../../brokers/tls-config.ts';
import { systemClock } from '../../../core/clock.ts';
import { seconds } from '../../../core/units.ts';
import { createAuthority, lifetimeDays } from '../../../loadgen/remote/certificate.ts';
import { requires } from '../../support/prerequisites.ts';

const day = 86_400_000;
const io = { signal: AbortSignal.timeout(10_000) };
const tls = TlsConfig.parse({});

async function listenWith(options: TlsOptions, onHandshake: () => void = () => {}) {
  const server = createServer(options, (socket) => {
    onHandshake();
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

function listenerIssued(daysAgo: number, onHandshake?: () => void) {
  const { certificate, key } = createAuthority(new Date(Date.now() - daysAgo * day)).issue('broker', 'server');
  return listenWith({ cert: certificate, key }, onHandshake);
}

test('reads when the certificate of each listener expires, also of one that has expired or is not trusted', async () => {
  await using valid = await listenerIssued(0);
  await using expired = await listenerIssued(lifetimeDays + 1);
  const read = await createCertificateReader(tls, systemClock)([valid.address, expired.address, valid.address], io);
  expect(read.map(({ address }) => address)).toEqual([valid.address, expired.address]);
  const daysLeft = read.map(({ expiresAtMs }) => (expiresAtMs - Date.now()) / day);
  expect(daysLeft[0]).toBeCloseTo(lifetimeDays, 1);
  expect(daysLeft[1]).toBeCloseTo(-1, 1);
});

requires('openssl').test('a certificate is valid no longer than that of its authority', async () => {
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
  const [read] = await createCertificateReader(tls, systemClock)([broker.address], io);
  expect(((read?.expiresAtMs ?? 0) - Date.now()) / day).toBeCloseTo(10, 1);
  expect(read?.lifetimeSeconds).toBe((10 * day) / 1000);
});

test('connects once in ten minutes, whether a listener answers or not, and keeps what it read', async () => {
  let now = 0;
  const read = createCertificateReader(tls, { monotonic: () => seconds(now) });
  let handshakes = 0;
  const { address } = await (async () => {
    await using broker = await listenerIssued(0, () => handshakes++);
    const [first] = await read([broker.address, '127.0.0.1:1'], io);
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

test('asks nothing without TLS', async () => {
  expect(await createCertificateReader(undefined, systemClock)(['127.0.0.1:1'], io)).toEqual([]);
});
