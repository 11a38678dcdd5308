// Creates certificates with openssl for a lab with TLS, signed by an authority of the lab.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { requireOpenssl, type PrerequisiteIo } from './prerequisites.ts';
import { runTool } from './run-tool.ts';
import { secretsFolder } from './secrets.ts';

/** Paths of PEM files; keys are PKCS #8 without a password, as Java and Node both read them. */
export type Certificates = Awaited<ReturnType<typeof makeCertificates>>;

const lifetimeDays = '365';

/**
 * Uses openssl, because keytool of the JDK can sign a client's certificate but not export its key, and Node can create
 * a key but not a certificate.
 *
 * @param addresses addresses of all hosts, which share one certificate
 * @throws AppError prerequisite-missing, lab-failed
 */
export async function makeCertificates(directory: string, addresses: readonly string[], io: PrerequisiteIo) {
  requireOpenssl(io.environment);
  const folder = secretsFolder(directory);
  const path = (name: string) => join(folder, name);
  const openssl = async (...args: string[]) => {
    const answer = await runTool('openssl', args, io);
    if (answer?.exitCode === 0) return;
    const said = answer?.stderr.trim().split('\n').at(-1) ?? 'no such program';
    throw new AppError('lab-failed', `\`openssl ${args.join(' ')}\` failed: ${said}`, {
      hint: 'OpenSSL 1.1.1 and 3 make what the lab needs',
    });
  };
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', path(`${name}.key`)];

  const ca = path('ca.pem');
  const subject = '/CN=authority of plimsoll lab';
  await openssl('req', '-x509', ...newKey('ca'), '-out', ca, '-days', lifetimeDays, '-subj', subject);
  const sign = async (name: string, extensions: readonly string[]) => {
    const [request, cert, key] = [path(`${name}.csr`), path(`${name}.pem`), path(`${name}.key`)];
    writeFileSync(path(`${name}.ext`), extensions.map((line) => `${line}\n`).join(''));
    await openssl('req', '-new', ...newKey(name), '-out', request, '-subj', `/CN=${name} of plimsoll lab`);
    const signedBy = ['-CA', ca, '-CAkey', path('ca.key'), '-CAcreateserial', '-extfile', path(`${name}.ext`)];
    await openssl('x509', '-req', '-in', request, '-out', cert, '-days', lifetimeDays, ...signedBy);
    chmodSync(key, 0o600);
    return { cert, key };
  };
  const names = ['DNS:localhost', ...new Set(addresses.map((address) => `IP:${address}`))];
  // One after the other, because both take the next serial number of the authority.
  const server = await sign('server', [`subjectAltName=${names.join(',')}`, 'extendedKeyUsage=serverAuth']);
  const client = await sign('client', ['extendedKeyUsage=clientAuth']);
  return { ca, server, client };
}
