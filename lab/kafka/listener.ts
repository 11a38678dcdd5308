// Defines how clients authenticate to a Kafka lab: broker properties and matching client config.

import { readFileSync } from 'node:fs';
import { AppError } from '../../core/errors.ts';
import { makeCertificates, type Certificates } from '../certificates.ts';
import type { PrerequisiteIo } from '../prerequisites.ts';
import { fileReference, newSecret, prepareSecrets, type LabSecret } from '../secrets.ts';
import type { KafkaRelease } from './release.ts';

/** Kafka's protocol name, and what the lab creates for it at its start. */
const listeners = {
  'sasl-plain': { protocol: 'SASL_PLAINTEXT', mechanism: 'PLAIN' },
  'sasl-scram': { protocol: 'SASL_PLAINTEXT', mechanism: 'SCRAM-SHA-512' },
  tls: { protocol: 'SSL', clientAuth: 'none' },
  mtls: { protocol: 'SSL', clientAuth: 'required' },
} as const;

export type KafkaListener = keyof typeof listeners;
export const kafkaListenerNames = Object.keys(listeners) as KafkaListener[];

/** Credentials of clients. */
export type KafkaAccess =
  | { listener: 'sasl-plain' | 'sasl-scram'; username: string; password: LabSecret }
  | { listener: 'tls' | 'mtls'; certificates: Certificates };

/** Added to PLAINTEXT, which brokers use between each other. */
const clientListener = 'CLIENT';

/** @throws AppError usage if users cannot be created before the release starts */
export function requireListener(listener: KafkaListener, { version }: KafkaRelease): void {
  if (listener !== 'sasl-scram' || !/^3\.[34]\./.test(version)) return;
  throw new AppError('usage', `Kafka ${version} cannot be formatted with SCRAM users (KIP-900 came with 3.5)`, {
    hint: 'give --version 3.9.2, or --listener sasl-plain',
  });
}

/** @throws AppError prerequisite-missing, lab-failed */
export async function makeAccess(
  listener: KafkaListener,
  directory: string,
  hosts: readonly string[],
  io: PrerequisiteIo,
): Promise<KafkaAccess> {
  prepareSecrets(directory);
  return listener === 'tls' || listener === 'mtls'
    ? { listener, certificates: await makeCertificates(directory, hosts, io) }
    : { listener, username: 'lab', password: newSecret(directory, 'password') };
}

/** Returns broker properties; `listeners` and the protocol map are added to the broker's own. */
export function listenerProperties(access: KafkaAccess, address: string): Record<string, string> {
  const { protocol } = listeners[access.listener];
  const own = 'certificates' in access ? tlsProperties(access) : saslProperties(access);
  return {
    listeners: `${clientListener}://${address}`,
    'listener.security.protocol.map': `${clientListener}:${protocol}`,
    ...Object.fromEntries(
      // Per-listener keys are lower case.
      Object.entries(own).map(([key, value]) => [`listener.name.${clientListener.toLowerCase()}.${key}`, value]),
    ),
  };
}

function saslProperties({ listener, username, password }: Extract<KafkaAccess, { username: string }>) {
  const { mechanism } = listeners[listener];
  const module =
    listener === 'sasl-plain'
      ? `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password.text}";`
      : 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    'sasl.enabled.mechanisms': mechanism,
    [`${mechanism.toLowerCase()}.sasl.jaas.config`]: module,
  };
}

/** Uses PEM stores (KIP-651, 2.7 and later). A key and its certificate are one store. */
function tlsProperties({ listener, certificates }: Extract<KafkaAccess, { certificates: Certificates }>) {
  const { ca, server } = certificates;
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': readFileSync(server.key, 'utf8'),
    'ssl.keystore.certificate.chain': readFileSync(server.cert, 'utf8'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': readFileSync(ca, 'utf8'),
    'ssl.client.auth': listeners[listener].clientAuth,
  };
}

export interface ScramUser {
  mechanism: string;
  name: string;
  password: string;
}

/** @returns the user to create before brokers start; undefined if there is none */
export function scramUser(access: KafkaAccess | undefined): ScramUser | undefined {
  if (access?.listener !== 'sasl-scram') return undefined;
  const { mechanism } = listeners['sasl-scram'];
  return { mechanism, name: access.username, password: access.password.text };
}

/** Renders its lines of `clusters.lab`. */
export function accessLines(access: KafkaAccess): string[] {
  if ('certificates' in access) {
    const { ca, client } = access.certificates;
    const own = access.listener === 'mtls' ? [`  cert: ${client.cert}`, `  key: ${fileReference(client.key)}`] : [];
    return ['tls:', `  ca: ${ca}`, ...own];
  }
  const { listener, username, password } = access;
  return [
    'sasl:',
    `  mechanism: ${listeners[listener].mechanism.toLowerCase()}`,
    `  username: ${username}`,
    `  password: ${password.reference}`,
  ];
}
