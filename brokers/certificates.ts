// Reads when TLS certificates of brokers and name servers expire, over new connections: open ones keep old ones.

import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { type Clock, timeoutAfter } from '../core/clock.ts';
import { ignoreFault } from '../core/errors.ts';
import type { Io } from './driver.ts';
import { openSocket } from './open-socket.ts';
import { pipelined } from './pipelined.ts';
import type { ServerCertificate } from './snapshot.ts';
import type { TlsConfig } from './tls-config.ts';

interface Attempt {
  at: number;
  /** The last certificate that was read; `readAt` is its time. */
  certificate?: ServerCertificate;
  readAt: number;
}

/** Interval of attempts, failed ones included, so that a broker in trouble gets no handshake at every scrape. */
const everySeconds = 600;
/** Interval while no certificate was read, since it may expire soon. */
const firstEverySeconds = 60;
const handshakeSeconds = 2;
/** Deadline of all attempts of a snapshot; the next one continues. */
const deadlineSeconds = 3;
/** Concurrent handshakes; more would delay each other beyond their timeout. */
const atOnce = 20;
/** How long an unreadable certificate keeps its last values: its host may be gone. */
const keepSeconds = 86_400;

/** @param tls undefined means no certificates */
export function createCertificateReader(tls: TlsConfig | undefined, { monotonic }: Pick<Clock, 'monotonic'>) {
  let attempts: ReadonlyMap<string, Attempt> = new Map();

  async function attempt(address: string, config: TlsConfig, signal: AbortSignal): Promise<Attempt | undefined> {
    const last = attempts.get(address);
    const pauseSeconds = last?.certificate === undefined ? firstEverySeconds : everySeconds;
    if (last !== undefined && monotonic() - last.at < pauseSeconds) return last;
    const within = AbortSignal.any([signal, timeoutAfter(handshakeSeconds)]);
    const certificate = await readCertificate(address, config, within).catch(
      ignoreFault('the next attempt may read it'),
    );
    const at = monotonic();
    if (certificate !== undefined) return { at, certificate, readAt: at };
    // The attempt did not have its full time.
    if (signal.aborted) return last;
    return last !== undefined && at - last.readAt < keepSeconds ? { ...last, at } : { at, readAt: at };
  }

  /** @returns the known certificates; undefined without TLS; never rejects */
  return async (addresses: Iterable<string>, io: Io): Promise<ServerCertificate[] | undefined> => {
    if (tls === undefined) return undefined;
    const signal = AbortSignal.any([io.signal, timeoutAfter(deadlineSeconds)]);
    const made = await pipelined([...new Set(addresses)], atOnce, async (address) => {
      const made = await attempt(address, tls, signal);
      return made === undefined ? [] : [[address, made] as const];
    });
    attempts = new Map(made.flat());
    return [...attempts.values()].flatMap(({ certificate }) => certificate ?? []);
  };
}

/** Reads untrusted certificates too, since they may have expired. No data is sent over the connection. */
async function readCertificate(
  address: string,
  tls: TlsConfig,
  signal: AbortSignal,
): Promise<ServerCertificate | undefined> {
  const socket = await openSocket(address, { ...tls, verify: false }, signal);
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  socket.on('error', ignoreFault('nothing more is read'));
  // Ends the connection properly, because brokers log aborted handshakes.
  socket.destroySoon();
  return certificate && { address, ...firstToExpire(certificate) };
}

function firstToExpire(certificate: X509Certificate): Omit<ServerCertificate, 'address'> {
  const { issuerCertificate: issuer, validToDate, validFromDate } = certificate;
  const own = {
    expiresAtMs: validToDate.getTime(),
    lifetimeSeconds: (validToDate.getTime() - validFromDate.getTime()) / 1000,
  };
  if (issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256) return own;
  const ofIssuer = firstToExpire(issuer);
  return ofIssuer.expiresAtMs < own.expiresAtMs ? ofIssuer : own;
}
