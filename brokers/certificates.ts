// Reads when the TLS certificates of brokers and name servers expire, over connections made for it: those in use keep the old one.

import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { AppError } from '../core/errors.ts';
import type { Io } from './driver.ts';
import { openSocket } from './open-socket.ts';
import type { Sections } from './sections.ts';
import type { ServerCertificate } from './snapshot.ts';
import type { TlsConfig } from './tls-config.ts';

interface Listener {
  /** Id of the broker, as in the other sections of a snapshot. */
  broker: string;
  address: string;
}

const timing = { everySeconds: 600, keepSeconds: 86_400, deadlineSeconds: 1, optional: true };

/** @returns those that are known; none without TLS */
export async function readCertificates(
  listeners: readonly Listener[],
  { tls, sections }: { tls: TlsConfig | undefined; sections: Sections },
  io: Io,
): Promise<ServerCertificate[]> {
  if (tls === undefined) return [];
  const certificates = await Promise.all(
    listeners.map(({ broker, address }) =>
      sections.ask(
        { section: 'certificates', broker, ...timing, read: (within) => readCertificate(address, tls, within) },
        io,
      ),
    ),
  );
  return certificates.filter((each) => each !== undefined);
}

/** Of one that is not trusted, too: it may have expired. Nothing is sent over the connection. */
async function readCertificate(address: string, tls: TlsConfig, { signal }: Io): Promise<ServerCertificate> {
  const socket = await openSocket(address, { ...tls, verify: false }, signal);
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  socket.destroy();
  if (certificate === undefined) throw new AppError('broker-refused', `${address} sent no certificate`);
  return { address, expiresAtMs: firstExpiry(certificate) };
}

/** @returns when the first of a chain expires, in milliseconds since the epoch */
function firstExpiry(certificate: X509Certificate): number {
  const { issuerCertificate: issuer, validToDate } = certificate;
  const isLast = issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256;
  return Math.min(validToDate.getTime(), isLast ? Infinity : firstExpiry(issuer));
}
