import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';
import { createAuthority } from '../../../../loadgen/remote/certificate.ts';

async function init(words: string) {
  let stderr = '';
  const exitCode = await runCommandLine(['init', '--out', '-', ...words.split(' ').filter(Boolean)], commands, {
    stdout: { write: () => undefined, isTerminal: false, columns: 100 },
    stderr: { write: (text) => void (stderr += text), isTerminal: false, columns: 100 },
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
  });
  return { exitCode, stderr };
}

test.each([
  ['', /needs the address of a Kafka broker or a RocketMQ name server/],
  ['--bootstrap 127.0.0.1:1 --namesrv 127.0.0.1:1', /--bootstrap and --namesrv exclude each other/],
  ['--bootstrap 127.0.0.1:1 --name ..', /--name: a name of a cluster is/],
  ['--bootstrap 127.0.0.1:1 --mechanism plain', /--mechanism needs --username/],
  ['--bootstrap 127.0.0.1:1 --username u', /--username and --password-env must be given together/],
  [
    '--bootstrap 127.0.0.1:1 --username u --password-env P --mechanism kerberos',
    /--mechanism: kerberos is written gssapi/,
  ],
  ['--namesrv 127.0.0.1:1 --username u --password-env P', /--username is for Kafka/],
])('rejects unusable options before any connection: init %s', async (words, problem) => {
  const { exitCode, stderr } = await init(words);
  expect(stderr).toMatch(problem);
  expect(exitCode).toBe(2);
});

test.each(['--bootstrap', '--namesrv'])(
  'the hint for a TLS listener names the option: init %s',
  async (option) => {
    const { certificate, key } = createAuthority(new Date()).issue('broker', 'server');
    const server = createServer({ cert: certificate, key }, (socket) => socket.on('error', () => undefined));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const address = `${option} 127.0.0.1:${(server.address() as AddressInfo).port}`;

    const [plain, withPublicAuthorities] = await Promise.all([init(address), init(`${address} --tls`)]);
    expect(plain.stderr).toMatch(/the listener speaks TLS/);
    expect(plain.stderr).toMatch(/hint: give --tls-ca FILE/);
    expect(plain.exitCode).toBe(5);
    expect(withPublicAuthorities.stderr).toMatch(/the certificate authority is unknown/);
    expect(withPublicAuthorities.stderr).toMatch(/hint: give --tls-ca FILE/);
  },
  20_000,
);

test.each(['--bootstrap', '--namesrv'])('an unreadable --tls-ca is an error with its path: init %s', async (option) => {
  const { exitCode, stderr } = await init(`${option} 127.0.0.1:1 --tls-ca /nowhere/ca.pem`);
  expect(stderr).toMatch(/cannot read the TLS file \/nowhere\/ca\.pem/);
  expect(stderr).toMatch(/hint: give --tls-ca a PEM file/);
  expect(exitCode).toBe(2);
});

test.each([false, true])(
  'RocketMQ brokers that refuse the access key are an error (%s), although name servers list them',
  async (refusesLogins) => {
    await using cluster = await startFakeCluster('DefaultCluster', { refusesLogins });
    const { exitCode, stderr } = await init(`--namesrv ${cluster.namesrv}`);
    expect(exitCode).toBe(refusesLogins ? 5 : 0);
    if (refusesLogins) expect(stderr).toMatch(/check signature failed.*\nhint: check --access-key, --secret-key-env/);
  },
);
