// Checks that passwords which would cross a network in plain text are named, and only those.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigFile } from '../../../../app/config/config-file.ts';
import { plaintextSecrets, warnOfPlaintext } from '../../../../app/config/plaintext-secrets.ts';
import { createLogger } from '../../../../core/log.ts';
import { runWords } from '../../../support/run-words.ts';

const found = (yaml: string) => plaintextSecrets(ConfigFile.parse(parse(yaml)));
const kafka = (more: string, bootstrap = 'kafka.example:9092') =>
  found(`clusters: { orders: { broker: kafka, bootstrap: ["${bootstrap}"], ${more} } }`);
const sasl = (mechanism: string) => `sasl: { mechanism: ${mechanism}, username: u, password: "\${env:P}" }`;

test('reports SASL/PLAIN without TLS, which sends the password in plain text', () => {
  expect(kafka(sasl('plain'))).toEqual([
    { path: 'clusters.orders', message: expect.stringContaining('SASL/PLAIN without TLS') },
  ]);
  expect(kafka('sasl: { mechanism: oauthbearer, token: "${env:T}" }')).toHaveLength(1);
});

test('does not report TLS, SCRAM and the loopback', () => {
  expect(kafka(`${sasl('plain')}, tls: {}`)).toEqual([]);
  expect(kafka(sasl('scram-sha-256'))).toEqual([]);
  expect(kafka(sasl('plain'), '127.0.0.1:9092')).toEqual([]);
  expect(kafka('')).toEqual([]);
});

test('reports TLS without certificate verification, which exposes a password or token to any server', () => {
  const unverified = (login: string) => kafka(`${login}, tls: { verify: false }`);
  expect(unverified(sasl('plain'))).toEqual([
    {
      path: 'clusters.orders',
      message:
        'with `tls.verify: false` any server can pose as a broker and get the password: set `tls.ca` to the certificate authority of the brokers, and remove `verify`',
    },
  ]);
  expect(unverified('sasl: { mechanism: oauthbearer, token: "${env:T}" }')).toHaveLength(1);
  expect(unverified(sasl('scram-sha-256'))).toEqual([]);
  expect(kafka(`${sasl('plain')}, tls: { verify: false }`, '127.0.0.1:9092')).toEqual([]);
});

test('does not report the secret key of RocketMQ, which only signs, but its token', () => {
  const of = (more: string) =>
    found(
      `clusters: { orders: { broker: rocketmq, namesrv: ["mq:9876"], credentials: { accessKey: a, secretKey: "\${env:S}"${more} } } }`,
    );
  expect(of('')).toEqual([]);
  expect(of(', securityToken: "${env:T}"')).toHaveLength(1);
});

test('reports a login over plain HTTP with its location', () => {
  const prometheus = (url: string, login = ', authorization: { username: u, password: "${env:P}" }') =>
    found(`sources: { main: { kind: prometheus, url: "${url}"${login} } }`);
  expect(prometheus('http://prometheus.example:9090')).toEqual([
    { path: 'sources.main', message: expect.stringContaining('http://prometheus.example:9090 is plain HTTP') },
  ]);
  expect(prometheus('https://prometheus.example:9090')).toEqual([]);
  expect(prometheus('http://localhost:9090')).toEqual([]);
  expect(prometheus('http://[::1]:9090')).toEqual([]);
  expect(prometheus('http://prometheus.example:9090', '')).toEqual([]);
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-plaintext-'));
});
afterEach(() => rm(folder, { recursive: true }));

const plain = `clusters: { orders: { broker: kafka, bootstrap: ["kafka.example:9092"], ${sasl('plain')} } }\n`;

test('`config check` warns, and the file stays valid', async () => {
  const file = join(folder, 'plimsoll.yaml');
  await writeFile(file, plain);
  const printed = await runWords('config', 'check', '--config', file);
  expect(printed.exitCode).toBe(0);
  expect(printed.stderr).toContain('warning: clusters.orders: SASL/PLAIN without TLS');
  const { stdout } = await runWords('config', 'check', '--config', file, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ valid: true, warnings: [{ path: 'clusters.orders' }] });
});

test('a long-running process logs plaintext logins, including its own page login beyond the loopback', () => {
  const lines: string[] = [];
  const log = createLogger('warn', { write: (line) => void lines.push(line) });
  const config = ConfigFile.parse(parse(plain));
  const web = { current: () => ({ headers: {}, users: { alice: 'hash' } }) };
  warnOfPlaintext({ config, address: '0.0.0.0:18761', web }, log);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    expect.stringContaining('SASL/PLAIN without TLS'),
    expect.stringContaining('passwords of users cross the network in plain text'),
  ]);
  lines.length = 0;
  warnOfPlaintext({ config: ConfigFile.parse({}), address: '127.0.0.1:18761', web }, log);
  expect(lines).toEqual([]);
});
