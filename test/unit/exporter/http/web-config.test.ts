import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../../../core/config-file.ts';
import { createLogger } from '../../../../core/log.ts';
import { openWebConfig } from '../../../../exporter/http/web-config-file.ts';
import { WebConfigFile } from '../../../../exporter/http/web-config.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { requires } from '../../../support/prerequisites.ts';

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'plimsoll-web-'))));
afterAll(() => rm(scratch, { recursive: true }));

const hash = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
const problemsOf = (text: string) => {
  const reading = parseConfig(text, WebConfigFile);
  return reading.kind === 'invalid' ? reading.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

test.each([
  ['http_server_config: { headers: { X-Frame-Options: deny }, http2: true }'],
  [`basic_auth_users: { alice: "${hash}" }`],
  ['tls_server_config: { cert_file: a, key_file: b, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256] }'],
  ['basic_auth_users:'],
])('%s is accepted as by exporter-toolkit', (text) => expect(problemsOf(text)).toEqual([]));

test.each(['', '# nothing yet\n', '---\n'])('an empty file means neither TLS nor users: %j', async (text) => {
  const file = join(scratch, 'empty.yml');
  await writeFile(file, text);
  const config = await openWebConfig(file, { log: createLogger('silent'), signal: new AbortController().signal });
  expect(config.current()).toEqual({ headers: {}, users: {} });
});

test.each([
  ['tls_serverconfig: {}', /tls_serverconfig: unknown key; did you mean tls_server_config\?/],
  ['tls_server_config: { cert_file: a }', /needs key_file/],
  ['tls_server_config: { cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert }', /client_ca_file/],
  ['tls_server_config: { cert_file: a, key_file: b, client_ca_file: c }', /no effect/],
  ['tls_server_config: { cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12 }', /above max_version/],
  ['http_server_config: { headers: { X-Frame-Options: allow } }', /must be one of deny, sameorigin/],
])('%s is refused with the reason', (text, words) => expect(problemsOf(text).join()).toMatch(words));

test.each(['open-sesame', '12345', '[open-sesame]'])(
  'a password in place of its hash does not appear in the error: %s',
  (value) => {
    const [problem = ''] = problemsOf(`basic_auth_users: { alice: ${value} }`);
    expect(problem).toMatch(/bcrypt hash/);
    expect(problem).not.toMatch(/open-sesame|12345/);
  },
);

test('a change applies at once, and an invalid one is logged once and keeps the last config', async () => {
  const told: string[] = [];
  const log = createLogger('error', { write: (line) => void told.push(line) });
  const file = join(scratch, 'web.yml');
  // Replaced by renaming, as deployment tools do.
  const write = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  await write('http_server_config: { headers: { X-Frame-Options: deny } }');
  const config = await openWebConfig(file, { log, signal: new AbortController().signal });
  expect(config.current().headers).toEqual({ 'X-Frame-Options': 'deny' });
  await write('http_server_config: { headers: { X-Frame-Options: sameorigin } }');
  expect(config.current().headers).toEqual({ 'X-Frame-Options': 'sameorigin' });
  await write('nonsense: true');
  expect(config.current().headers).toEqual({ 'X-Frame-Options': 'sameorigin' });
  expect(config.current().headers).toEqual({ 'X-Frame-Options': 'sameorigin' });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('nonsense: unknown key');
});

function makeCertificate(name: string): string {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-subj', '/CN=a'];
  const files = ['-keyout', join(scratch, `${name}.key`), '-out', join(scratch, `${name}.pem`)];
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
  return readFileSync(join(scratch, `${name}.pem`), 'utf8');
}

requires('openssl').test('a change to client certificates needs a restart, so the previous config stays', async () => {
  const lines: string[] = [];
  const log = createLogger('error', { write: (line) => void lines.push(line) });
  const file = join(scratch, 'clients.yml');
  const write = (clients: string) =>
    writeFile(file, `tls_server_config: { cert_file: clients.pem, key_file: clients.key${clients} }\n`);
  makeCertificate('clients');
  await write('');
  const config = await openWebConfig(file, { log, signal: new AbortController().signal });
  await write(', client_auth_type: RequireAndVerifyClientCert, client_ca_file: clients.pem');
  expect(config.current().tls?.config.client_auth_type).toBe('NoClientCert');
  expect(lines).toEqual([expect.stringContaining('client_auth_type')]);
});

requires('openssl').test('an unreadable certificate is retried every second and logged once', async () => {
  const told: string[] = [];
  const log = createLogger('error', { write: (line) => void told.push(line) });
  const clock = createHandClock();
  const file = join(scratch, 'tls.yml');
  const write = (name: string) =>
    writeFile(file, `tls_server_config: { cert_file: ${name}.pem, key_file: ${name}.key }\n`);
  const first = makeCertificate('first');
  await write('first');
  const config = await openWebConfig(file, { log, signal: new AbortController().signal, clock });
  const shown = () => config.current().tls?.context.cert;
  await write('renewed');
  for (let second = 0; second < 3; second++) {
    expect(shown()).toBe(first);
    clock.advance(1);
  }
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('renewed.pem');
  expect(shown()).toBe(first);
  const renewed = makeCertificate('renewed');
  // Several calls belong to one request.
  expect(shown()).toBe(first);
  clock.advance(1);
  expect(shown()).toBe(renewed);
  expect(told).toHaveLength(1);
  // A link to itself.
  await rm(join(scratch, 'renewed.pem'));
  await symlink('renewed.pem', join(scratch, 'renewed.pem'));
  expect(shown()).toBe(renewed);
  expect(told).toHaveLength(2);
});
