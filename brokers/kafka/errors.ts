// Converts the nested errors of both Kafka clients to one AppError with code, address and cause.

import { AppError, type FaultCode } from '../../core/errors.ts';
import { networkErrorMessages } from '../network-errors.ts';
import { neededPermission } from './needed-permission.ts';
import { protocolErrorsCodesById } from './library.ts';

/** Action, such as `send to orders-0`, and address if known, for messages. */
export interface Attempt {
  action: string;
  address?: string;
  /** Kafka's name of the request, if one request was refused. */
  api?: string;
}

export const permissionsHint = 'docs/reference/permissions.md lists what each feature needs, and how to grant it';

/** Kafka errors that have a separate fault; every other one is `broker-refused`. */
const faultOfKafkaError: Readonly<Record<string, FaultCode>> = {
  SASL_AUTHENTICATION_FAILED: 'credentials-refused',
  UNSUPPORTED_SASL_MECHANISM: 'credentials-refused',
  ILLEGAL_SASL_STATE: 'credentials-refused',
  TOPIC_ALREADY_EXISTS: 'topic-conflict',
  UNSUPPORTED_VERSION: 'unsupported-broker',
};

/** Errors of kafkajs that mean that a broker is gone, with no other sign. */
const lostInKafkajs: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
]);

/** @returns a fault with a message, for any error */
export function toAppError(cause: unknown, { action, address, api }: Attempt): AppError {
  if (cause instanceof AppError) return cause;
  const errors = [...unfold(cause)];
  const attempt = address === undefined ? `cannot ${action}` : `cannot ${action} on ${address}`;
  const fault = (code: FaultCode, text: string, hint?: string) =>
    new AppError(code, `${attempt}: ${text}`, { cause, hint });

  // Authentication by Kerberos or IAM fails before a request is sent to the broker.
  const own = errors.find((error) => error instanceof AppError);
  if (own !== undefined) return fault(own.code, own.message, own.hint);

  const kafkaError = kafkaErrorOf(cause);
  if (kafkaError !== undefined) {
    const code = faultOfKafkaError[kafkaError.name] ?? 'broker-refused';
    const needed = neededPermission(kafkaError.name, api);
    if (needed !== undefined) return fault(code, `${kafkaError.name}, ${needed}`, permissionsHint);
    const text = kafkaError.name === noAuthorizer ? noAuthorizerText : kafkaError.text;
    return fault(code, `${kafkaError.name}, ${text}`, hintOfKafkaError(kafkaError.name, errors));
  }
  if (isAuthenticationRefused(cause)) {
    const hint = errors.some(isDeniedByIam) ? iamHint : undefined;
    return fault('credentials-refused', 'the broker refused the user or the password', hint);
  }
  const unsupported = errors.find(
    ({ code, name }) => code === 'PLT_KFK_UNSUPPORTED_API' || name === 'KafkaJSServerDoesNotSupportApiKey',
  );
  if (unsupported !== undefined) return fault('unsupported-broker', sentence(unsupported.message));
  const network = errors.find(({ code }) => code !== undefined && Object.hasOwn(networkErrorMessages, code));
  if (network !== undefined) return fault('broker-unreachable', networkErrorMessages[network.code ?? ''] ?? '');
  const text = errors.map(({ message }) => message).join(' ');
  if (/requires TLS|verify the broker supports TLS/i.test(text)) {
    return fault(
      'broker-unreachable',
      /requires TLS/i.test(text) ? 'the listener speaks TLS' : 'the listener does not speak TLS',
    );
  }
  if (/timed out|timeout/i.test(text)) return fault('broker-unreachable', 'no answer in time');
  if (/closed|not connected|disconnected/i.test(text)) {
    return fault(
      'broker-unreachable',
      'the connection closed',
      'check that the broker is up, and whether the listener requires TLS or SASL credentials',
    );
  }
  const lost = errors.find(({ name }) => name !== undefined && lostInKafkajs.has(name));
  if (lost !== undefined) return fault('broker-unreachable', sentence(lost.message));
  return fault('broker-refused', sentence(errors.at(-1)?.message ?? String(cause)));
}

/** Error of requests about access control rules. */
const noAuthorizer = 'SECURITY_DISABLED';
const noAuthorizerText =
  'the server that answered, a broker or the controller, has no access control (authorizer.class.name is empty)';

function hintOfKafkaError(name: string, errors: readonly AnyError[]): string | undefined {
  if (name === noAuthorizer) return 'set authorizer.class.name on every broker and controller, and restart them';
  if (name === 'ILLEGAL_SASL_STATE') {
    return 'the listener takes no credentials: remove `sasl` of the cluster, or use the port of a listener with SASL';
  }
  if (name === 'SASL_AUTHENTICATION_FAILED' && errors.some(isDeniedByIam)) return iamHint;
  if (name !== 'UNSUPPORTED_SASL_MECHANISM') return undefined;
  const offered = errors.map(({ response }) => response?.mechanisms).find((list) => list !== undefined);
  return offered === undefined || offered.length === 0
    ? 'choose another `sasl.mechanism`: sasl.enabled.mechanisms of the broker lists the supported ones'
    : `choose another \`sasl.mechanism\`: the listener supports ${offered.join(', ')}`;
}

/**
 * Amazon MSK answers `[id of the request]: Access denied` for every reason
 * (github.com/aws/aws-msk-iam-sasl-signer-python issue 49).
 */
const isDeniedByIam = ({ message, response }: AnyError) =>
  /\]: access denied/i.test(`${message} ${response?.errorMessage ?? ''}`);

const iamHint =
  'the IAM policy of the identity that `aws sts get-caller-identity` shows must allow kafka-cluster:Connect on this cluster; also check `region`, and the clock of this host (NTP)';

interface KafkaError {
  /** As in Kafka's table of error codes, such as NOT_LEADER_OR_FOLLOWER. */
  name: string;
  text: string;
}

/** Whether a broker, not the client, refused to authenticate. */
export const isAuthenticationRefused = (cause: unknown): boolean =>
  kafkaErrorOf(cause)?.name === 'SASL_AUTHENTICATION_FAILED' || [...unfold(cause)].some(isAuthenticationError);

/** Returns the first error that a broker answered with, at any depth of the causes. */
export function kafkaErrorOf(cause: unknown): KafkaError | undefined {
  for (const error of unfold(cause)) {
    const name = error.apiId ?? nameInKafkajs(error);
    if (name !== undefined && name !== 'NONE') return { name, text: sentence(error.message) };
  }
  return undefined;
}

/** kafkajs 2.2.4 keeps names that Kafka has since changed. */
const renamed: Readonly<Record<string, string>> = {
  UNKNOWN: 'UNKNOWN_SERVER_ERROR',
  NOT_LEADER_FOR_PARTITION: 'NOT_LEADER_OR_FOLLOWER',
  GROUP_LOAD_IN_PROGRESS: 'COORDINATOR_LOAD_IN_PROGRESS',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'COORDINATOR_NOT_AVAILABLE',
  NOT_COORDINATOR_FOR_GROUP: 'NOT_COORDINATOR',
};

function nameInKafkajs({ name, type }: AnyError): string | undefined {
  if (type === undefined || !name?.startsWith('KafkaJS')) return undefined;
  return renamed[type] ?? type;
}

/** The group rebalances: a member that receives one of these must join again. */
export const rebalanceErrors: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);

interface AnyError {
  name?: string;
  message: string;
  /** Text of Node and platformatic; Kafka's number in kafkajs. */
  code?: string | number;
  /** platformatic: name of the protocol error. */
  apiId?: string;
  /** kafkajs: name of the protocol error. */
  type?: string;
  /** platformatic: response of the broker; a refused SASL handshake lists the supported mechanisms. */
  response?: { mechanisms?: string[]; errorMessage?: string | null };
  cause?: Pick<AnyError, 'code'>;
}

/** Yields an error, its collected errors and its causes, outermost first, each once. */
function* unfold(cause: unknown, seen = new Set<unknown>()): Iterable<AnyError> {
  if (typeof cause !== 'object' || cause === null || seen.has(cause)) return;
  seen.add(cause);
  const error = cause as AnyError & {
    errors?: unknown[];
    cause?: unknown;
    originalError?: unknown;
  };
  if (typeof error.message === 'string') yield error;
  for (const inner of Array.isArray(error.errors) ? error.errors : []) yield* unfold(inner, seen);
  yield* unfold(error.cause, seen);
  yield* unfold(error.originalError, seen);
}

/** Platformatic also uses its code for a handshake that the network ended, as with a listener that speaks TLS. */
const isAuthenticationError = ({ code, name, cause }: AnyError) =>
  (code === 'PLT_KFK_AUTHENTICATION' && !/NETWORK|TIMEOUT/.test(String(cause?.code))) ||
  name === 'KafkaJSSASLAuthenticationError';

/** Makes one line without full stop and with a lower-case first letter, because it follows a colon. */
function sentence(message: string): string {
  const line = message.split('\n')[0]?.trim().replace(/\.$/, '') ?? '';
  return /^[A-Z][a-z]/.test(line) ? line.charAt(0).toLowerCase() + line.slice(1) : line;
}

/** @returns undefined when the part has no error */
export function kafkaErrorNamed(code: number): string | undefined {
  return code === 0 ? undefined : (protocolErrorsCodesById[code] ?? `error ${code}`);
}

/** @returns the error name of a part of an answer, with the missing permission; undefined when the part has no error */
export function refusalOf(code: number, api: string): string | undefined {
  const name = kafkaErrorNamed(code);
  const needed = name === undefined ? undefined : neededPermission(name, api);
  return needed === undefined ? name : `${name} (${needed})`;
}
