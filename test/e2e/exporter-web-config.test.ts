// Checks --web.config.file with curl and certificates from openssl.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requires } from '../support/prerequisites.ts';
import { main } from '../support/plimsoll.ts';

const run = promisify(execFile);

/** bcrypt of `wonderland`, as `htpasswd -nBC 5 alice` prints it. */
const users = 'basic_auth_users: { alice: "$2y$05$f95lUOkXgz9yVil6sKL1n.BVqGh8oBtho0wBAgsotyFTyWWe5st52" }';

requires('openssl', 'curl').describe('with a web config file', () => {
  let scratch: string;
  let exporter: ChildProcess;
  let url: string;
  const at = (name: string) => join(scratch, name);

  async function makeCertificate(name: string, signer?: string): Promise<void> {
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '2', '-subj', `/CN=${name}`];
    const signed = signer === undefined ? [] : ['-CA', at(`${signer}.pem`), '-CAkey', at(`${signer}.key`)];
    const names = [
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-addext',
      `basicConstraints=critical,CA:${signer ? 'FALSE' : 'TRUE'}`,
    ];
    await run('openssl', [...request, ...signed, ...names, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]);
  }

  const webConfig = (certificate: string) =>
    [
      `tls_server_config: { cert_file: ${certificate}.pem, key_file: ${certificate}.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem }`,
      users,
    ].join('\n');

  async function writeWebConfig(text: string): Promise<void> {
    await writeFile(at('web.yml.new'), text);
    await rename(at('web.yml.new'), at('web.yml'));
  }

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'plimsoll-web-'));
    await makeCertificate('authority');
    await Promise.all(['server', 'renewed', 'scraper'].map((name) => makeCertificate(name, 'authority')));
    await makeCertificate('stranger');
    await writeWebConfig(webConfig('server'));
    await writeFile(at('plimsoll.yaml'), 'hosts:\n  here: { probe: local }\n');
    const words = ['--config', at('plimsoll.yaml'), '--listen', '127.0.0.1:0', '--web.config.file', at('web.yml')];
    exporter = spawn(process.execPath, [main, 'exporter', ...words, '--state-dir', at('state')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (exporter.stdout === null) throw new Error('the exporter has no standard output');
    const [line] = (await once(createInterface(exporter.stdout), 'line')) as [string];
    url = line.replace('listening on ', '');
  });
  afterAll(async () => {
    exporter.kill('SIGINT');
    await once(exporter, 'exit');
    await rm(scratch, { recursive: true });
  });

  /** @returns the status, or the error message of curl */
  async function curl(...words: string[]): Promise<string> {
    const common = ['--silent', '--show-error', '--output', '/dev/null', '--cacert', at('authority.pem')];
    try {
      const { stdout } = await run('curl', [...common, '--write-out', '%{http_code}', ...words, `${url}metrics`]);
      return stdout;
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }
  const asClient = (name: string) => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];
  /** The message depends on the progress of the TLS 1.3 handshake at both ends. */
  const refused = /alert|reset|closed|empty reply|SSL/i;
  const asAlice = ['--user', 'alice:wonderland'];

  test('listens with HTTPS and accepts a client with a trusted certificate and the right password', async () => {
    expect(url).toMatch(/^https:/);
    expect(await curl(...asClient('scraper'), ...asAlice)).toBe('200');
  });

  test('rejects a missing or untrusted certificate and a missing or wrong password', async () => {
    expect(await curl(...asAlice)).toMatch(refused);
    expect(await curl(...asClient('stranger'), ...asAlice)).toMatch(refused);
    expect(await curl(...asClient('scraper'))).toBe('401');
    expect(await curl(...asClient('scraper'), '--user', 'alice:looking-glass')).toBe('401');
    expect(await curl(...asClient('scraper'), '--user', 'mallory:wonderland')).toBe('401');
  });

  test('rejects TLS versions below 1.2', async () => {
    const old = await curl(...asClient('scraper'), ...asAlice, '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0');
    expect(old).toMatch(/protocol version|unsupported|alert|SSL/i);
  });

  test('the next connection gets a renewed certificate without a restart', async () => {
    const shown = async () => {
      const read = (name: string) => readFile(at(name));
      const [ca, cert, key] = await Promise.all([read('authority.pem'), read('scraper.pem'), read('scraper.key')]);
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca, cert, key });
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return subject.CN;
    };
    expect(await shown()).toBe('server');
    await writeWebConfig(webConfig('renewed'));
    expect(await shown()).toBe('renewed');
  });

  test('does not answer plain HTTP', async () => {
    const { stdout, stderr } = await run('curl', ['--silent', '--show-error', url.replace('https', 'http')]).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    expect(stdout).toBe('');
    expect(stderr).toMatch(/reset|empty reply|closed/i);
  });
});
