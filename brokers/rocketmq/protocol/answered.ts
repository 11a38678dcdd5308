// Converts a response with any code but success to a fault with the broker's remark.

import { AppError } from '../../../core/errors.ts';
import { busyRemarks, TurnedAway, whyBusy } from './busy.ts';
import type { Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

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
