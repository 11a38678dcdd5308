// Finds the listeners of Kafka brokers at which clients can use TLS, and whether a test used it, from the recorded settings.

import type { Fingerprint } from './fingerprint-keys.ts';

const tlsProtocol = /^(?:SASL_)?SSL$/;

/**
 * A listener of the brokers alone has a name such as REPLICATION; one with the name of its protocol is also for clients.
 *
 * @returns empty if no broker has one, or none recorded its listeners, as with RocketMQ, whose ports take TLS beside plaintext
 */
export function tlsListeners(fingerprint: Fingerprint): string[] {
  const ofBrokers = new Set(settingsOf(fingerprint, 'inter.broker.listener.name'));
  return listenersOf(fingerprint)
    .filter(({ name, isTls }) => isTls && (tlsProtocol.test(name) || !ofBrokers.has(name)))
    .map(({ name }) => name);
}

/** @returns undefined if the test did not record it, and the brokers also had listeners without TLS */
export function usedTls(fingerprint: Fingerprint): boolean | undefined {
  const { 'client.tls': recorded } = fingerprint;
  if (recorded !== undefined) return recorded === 'true';
  const listeners = listenersOf(fingerprint);
  return listeners.length > 0 && listeners.every(({ isTls }) => isTls) ? true : undefined;
}

/** @returns those that are open to clients, without those of controllers and of the control plane (ZooKeeper) */
function listenersOf(fingerprint: Fingerprint): { name: string; isTls: boolean }[] {
  const closed = ['controller.listener.names', 'control.plane.listener.name'].flatMap((setting) =>
    settingsOf(fingerprint, setting),
  );
  const protocols = new Map(
    settingsOf(fingerprint, 'listener.security.protocol.map').map((pair): [string, string] => {
      const [name = '', protocol = ''] = pair.split(':');
      return [name, protocol];
    }),
  );
  const open = new Set(settingsOf(fingerprint, 'listeners').map((listener) => listener.replace(/:\/\/.*$/, '')));
  for (const name of closed) open.delete(name);
  return [...open].map((name) => ({ name, isTls: tlsProtocol.test(protocols.get(name) ?? '') }));
}

/** @returns the parts of a list, of all brokers */
const settingsOf = (fingerprint: Fingerprint, setting: string): string[] =>
  Object.entries(fingerprint)
    .filter(([key]) => key.replace(/@[^@]*$/, '') === `broker.settings.${setting}`)
    .flatMap(([, value]) => value.split(',').map((part) => part.trim()));
