// Converts the status codes of a RocketMQ proxy, and gRPC failures, to faults.

import { AppError, type FaultCode } from '../../../core/errors.ts';
import type { Acks } from '../../driver.ts';
import { busyRemarks, markedBusy, TurnedAway } from '../protocol/busy.ts';
import type { Status } from './messages.ts';

/** Action, such as `send to orders`, and proxy of a request, for messages. */
export interface ProxyAttempt {
  action: string;
  /** Address and cluster: `127.0.0.1:8081 of cluster shop`. */
  proxy: string;
}

/** Code of apache.rocketmq.v2: the codes that get a special treatment. */
export const codes = {
  ok: 20_000,
  multipleResults: 30_000,
  illegalTopic: 40_002,
  propertyConflictsWithType: 40_014,
  unrecognizedClient: 40_015,
  unauthorized: 40_100,
  forbidden: 40_300,
  messageNotFound: 40_401,
  topicNotFound: 40_402,
  groupNotFound: 40_403,
  tooManyRequests: 42_900,
  internalServerError: 50_001,
  replicationUnavailable: 50_002,
  proxyTimeout: 50_400,
  masterPersistenceTimeout: 50_401,
  slavePersistenceTimeout: 50_402,
} as const;

const names: ReadonlyMap<number, string> = new Map([
  [codes.illegalTopic, 'ILLEGAL_TOPIC'],
  [codes.propertyConflictsWithType, 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE'],
  [codes.unrecognizedClient, 'UNRECOGNIZED_CLIENT_TYPE'],
  [codes.unauthorized, 'UNAUTHORIZED'],
  [codes.forbidden, 'FORBIDDEN'],
  [codes.topicNotFound, 'TOPIC_NOT_FOUND'],
  [codes.groupNotFound, 'CONSUMER_GROUP_NOT_FOUND'],
  [codes.internalServerError, 'INTERNAL_SERVER_ERROR'],
  [codes.proxyTimeout, 'PROXY_TIMEOUT'],
]);

/** Codes for messages that are stored, but less durably than the broker is configured. */
const weaklyStored: ReadonlyMap<number, string> = new Map([
  [codes.masterPersistenceTimeout, 'it was not flushed to disk in time (FLUSH_DISK_TIMEOUT)'],
  [codes.slavePersistenceTimeout, 'it was not replicated to the slave in time (FLUSH_SLAVE_TIMEOUT)'],
  [codes.replicationUnavailable, 'no slave is available (SLAVE_NOT_AVAILABLE)'],
]);

/** @throws AppError unless the proxy reports success */
export function checkStatus(status: Status | null, attempt: ProxyAttempt): void {
  if (status?.code !== codes.ok) throw faultOfStatus(status, attempt);
}

/** @throws AppError unless the message is stored as durably as the acks demand */
export function checkStored(status: Status | null, attempt: ProxyAttempt, acks: Acks): void {
  const weak = weaklyStored.get(status?.code ?? 0);
  if (weak === undefined) return checkStatus(status, attempt);
  if (acks !== 'all') return;
  const { action, proxy } = attempt;
  throw new AppError(
    'broker-refused',
    `cannot ${action} through proxy ${proxy} with acks all: stored there, but ${weak}`,
  );
}

/** A fault with the status name from the proxy. */
class ProxyRefusal extends AppError {
  readonly status: string;

  constructor(code: FaultCode, attempt: string, status: string, hint: string) {
    super(code, attempt, { hint });
    this.status = status;
  }
}

/** @returns a name such as INTERNAL_SERVER_ERROR; undefined if no proxy answered with a status */
export const proxyStatusIn = (cause: unknown): string | undefined =>
  cause instanceof ProxyRefusal ? cause.status : undefined;

export function faultOfStatus(status: Status | null, { action, proxy }: ProxyAttempt): AppError {
  if (status === null) {
    return new AppError('answer-unreadable', `cannot ${action}: the answer of proxy ${proxy} has no status`);
  }
  const { code, message } = status;
  const name = names.get(code) ?? `code ${code}`;
  const text = `cannot ${action}: proxy ${proxy} answered ${names.has(code) ? name : `with ${name}`}: ${message.trim()}`;
  const refused = (fault: FaultCode, hint: string) => new ProxyRefusal(fault, text, name, hint);
  switch (code) {
    case codes.unauthorized:
      return refused('credentials-refused', credentialsHint);
    case codes.tooManyRequests: {
      const busy = markedBusy(message);
      return busy === undefined
        ? new TurnedAway('flow-control', text)
        : new TurnedAway(busy, `${text} (the broker rejected it, ${busyRemarks[busy]})`);
    }
    case codes.proxyTimeout:
      return refused(
        'broker-unreachable',
        'the broker did not answer the proxy in time; check the brokers, and the network between both',
      );
    case codes.topicNotFound:
      return refused('broker-refused', 'create the topic first; a proxy caches its absence for some seconds');
    case codes.propertyConflictsWithType:
      return refused('broker-refused', typeHint);
    default:
      return refused('broker-refused', 'the proxy reported this; see its log for details');
  }
}

export const credentialsHint =
  'check clusters.<name>.proxy.credentials (else clusters.<name>.credentials), and the permissions of the access key';
export const typeHint =
  'plimsoll sends NORMAL messages through a proxy: use a topic whose message.type is NORMAL or MIXED, or remove `proxy` to send over remoting';
