// Defines requests, responses and frames of the remoting protocol, the client that exchanges them, and the faults of answers.

import type { Io } from '../../driver.ts';
import { AppError } from '../../../core/errors.ts';
import { busyRemarks, TurnedAway, whyBusy } from './busy.ts';
import { parseLooseObject } from './loose-json.ts';

/** Fields are sent as text (`extFields`); absent fields are left out. */
export interface Request {
  code: number;
  fields: Readonly<Record<string, string>>;
  body?: Buffer;
}

/** `code` 0 is success; for other codes `remark` has the reason. */
export interface Response {
  code: number;
  fields: Readonly<Record<string, string>>;
  remark?: string;
  body: Buffer;
}

/** Header of a frame. An answer has the same `opaque` as its request. */
export interface Header {
  code: number;
  opaque: number;
  isResponse: boolean;
  /** Whether the sender expects no answer. */
  isOneWay: boolean;
  fields: Readonly<Record<string, string>>;
  remark?: string;
}

export interface Frame extends Header {
  body: Buffer;
}

/** Connections to name servers, brokers and controllers: one per address, with many concurrent requests on each. */
export interface RemotingClient extends AsyncDisposable {
  /**
   * @throws AppError broker-unreachable or answer-unreadable, with address and cause, or the signal's reason;
   * an answer with any code is a Response
   */
  ask(address: string, request: Request, io: Io): Promise<Response>;
  /** Registers a handler for requests of the peer; requests without an answer are refused with code 3. */
  onRequest(code: number, answer: (request: Request, from: string) => Response | undefined): void;
}

const noPermission = 16;
/**
 * Brokers also return this code for what their settings forbid, and for a user or rule that does not exist. Only the
 * remark distinguishes these from refusals by access control. Source: the processors of the broker,
 * AuthenticationMetadataManagerImpl and AuthorizationMetadataManagerImpl, 5.3.3.
 */
const isOfSettings =
  / is forbidden(\.| for topic\[.+\])?$|^subscription group no permission|black list|consume by broadcast way|not allowed to set mode|^(username|user|password) can not be|^The (user|subject|acl|policies|policy|resource|actions|source ip|decision)\b/;
const noAccessControl = /The (auth\w+MetadataProvider) is not configured/;
const isOfAccess = /AclException|AuthenticationException|AuthorizationException/;

/**
 * @throws AppError broker-refused, broker-busy with the class of busyness in its message, or credentials-refused if the
 * remark is about access control
 */
export function answered(response: Response, request: string): Response {
  if (response.code === 0) return response;
  const remark = response.remark?.trim() ?? 'no remark';
  const busy = whyBusy(response);
  if (busy !== undefined) {
    throw new TurnedAway(busy, `${request} was rejected, ${busyRemarks[busy]} (${busy}): ${remark}`);
  }
  const provider = noAccessControl.exec(remark)?.[1];
  if (provider !== undefined) {
    throw new AppError(
      'broker-refused',
      `the broker has no access control of RocketMQ 5.3 and later (${provider} is empty)`,
      { hint: 'set authenticationEnabled, authorizationEnabled and their providers on every broker, and restart it' },
    );
  }
  const isAccess = isOfAccess.test(remark) || (response.code === noPermission && !isOfSettings.test(remark));
  throw new AppError(
    isAccess ? 'credentials-refused' : 'broker-refused',
    `${request} answered with code ${response.code}: ${remark}`,
    isAccess ? { hint: 'check clusters.<name>.credentials, and the permissions of the access key at the brokers' } : {},
  );
}

/** Parses a body that is an object. @throws AppError as `answered`, answer-unreadable */
export const answeredObject = (response: Response, request: string) =>
  parseLooseObject(answered(response, request).body);

export interface TypedRequest<Answer> extends Request {
  /** @throws AppError as the broker answers */
  parse: (response: Response) => Answer;
}

export const typedRequest = <Answer>(
  code: number,
  fields: Request['fields'],
  parse: TypedRequest<Answer>['parse'],
  body?: Buffer,
): TypedRequest<Answer> => ({ code, fields, ...(body && { body }), parse });

/** Returns a request whose answer only confirms it. @param what text for messages: `removal of a topic` */
export const command = (code: number, what: string, fields: Request['fields'], body?: Buffer): TypedRequest<void> =>
  typedRequest(code, fields, (response) => void answered(response, `${what} (${code})`), body);

/** @throws AppError answer-unreadable when it is absent or no int64 */
export function wholeField({ fields }: Pick<Response, 'fields'>, name: string): bigint {
  const text = fields[name];
  if (text === undefined || !/^-?\d{1,19}$/.test(text)) {
    throw new AppError('answer-unreadable', `field ${name} should be a whole number, but is ${JSON.stringify(text)}`);
  }
  return BigInt(text);
}
