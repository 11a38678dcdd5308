import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { requires } from '../../support/prerequisites.ts';
import { servePlimsoll } from '../../support/served-plimsoll.ts';

const run = promisify(execFile);

requires('openssl', 'curl').test(
  'the user of a client certificate is its common name, with the role in the config',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-certificates-'));
    const at = (name: string) => join(folder, name);
    async function makeCertificate(name: string, isSigned: boolean): Promise<void> {
      const signed = isSigned ? ['-CA', at('authority.pem'), '-CAkey', at('authority.key')] : [];
      const named = [
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-addext',
        `basicConstraints=critical,CA:${isSigned ? 'FALSE' : 'TRUE'}`,
      ];
      const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'];
      const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
      await run('openssl', [...kind, '-subj', `/CN=${name}`, ...signed, ...named, ...files]);
    }
    try {
      await makeCertificate('authority', false);
      await Promise.all(['server', 'ann', 'bob'].map((name) => makeCertificate(name, true)));
      await writeFile(
        at('web.yml'),
        'tls_server_config: { cert_file: server.pem, key_file: server.key, client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem }',
      );
      await writeFile(at('plimsoll.yaml'), 'service: { listen: "0.0.0.0:0", users: { ann: operator } }');
      const words = ['--config', at('plimsoll.yaml'), '--state-dir', at('state'), '--web.config.file', at('web.yml')];
      await using service = await servePlimsoll(words);
      const { port } = new URL(service.url);
      const ask = async (name: string | undefined, ...more: string[]) => {
        const certificate = name === undefined ? [] : ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];
        const common = [
          '--silent',
          '--cacert',
          at('authority.pem'),
          '--output',
          '/dev/null',
          '--write-out',
          '%{http_code}',
        ];
        const url = `https://127.0.0.1:${port}/api/v1/changes`;
        // curl exits with an error if the handshake fails.
        return run('curl', [...common, ...certificate, ...more, url]).then(
          ({ stdout }) => stdout,
          () => 'no answer',
        );
      };
      const change = ['--json', JSON.stringify({ what: 'annotated', note: 'by certificate' })];
      expect(await ask('ann', ...change)).toBe('201');
      expect(await ask('bob', ...change)).toBe('403');
      expect(await ask('bob')).toBe('200');
      expect(await ask(undefined)).toBe('no answer');
      expect(await ask('bob', '--header', 'X-Forwarded-User: ann', ...change)).toBe('403');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
