// Names the listeners of Kafka brokers at which clients can use TLS, from the recorded settings.

import type { Fingerprint } from './fingerprint-keys.ts';

/** @returns empty if no broker has one, or none recorded its listeners, as with RocketMQ, whose ports take TLS beside plaintext */
export function tlsListeners(fingerprint: Fingerprint): string[] {
  const isTls = (name: string) =>
    settingsOf(fingerprint, 'listener.security.protocol.map')
      .map((pair) => pair.split(':'))
      .some(([listener, protocol]) => listener === name && /^(?:SASL_)?SSL$/.test(protocol ?? ''));
  const ofControllers = settingsOf(fingerprint, 'controller.listener.names');
  const names = settingsOf(fingerprint, 'listeners').map((listener) => listener.replace(/:\/\/.*$/, ''));
  return [...new Set(names)].filter((name) => !ofControllers.includes(name) && isTls(name));
}

/** @returns the parts of a list, of all brokers */
const settingsOf = (fingerprint: Fingerprint, setting: string): string[] =>
  Object.entries(fingerprint)
    .filter(([key]) => key.replace(/@[^@]*$/, '') === `broker.settings.${setting}`)
    .flatMap(([, value]) => value.split(',').map((part) => part.trim()));
