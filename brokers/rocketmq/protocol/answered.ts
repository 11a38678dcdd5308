// Converts a response with any code but success to a fault with the broker's remark.

import { AppError } from '../../../core/errors.ts';
import { busyRemarks, TurnedAway, whyBusy } from './busy.ts';
import type { Response } from './frame.ts';

/** @throws AppError broker-refused, broker-busy with the class of busyness in its message, or credentials-refused where the remark speaks of access control */
export function answered(response: Response, request: string): Response {
  if (response.code === 0) return response;
  const remark = response.remark?.trim() ?? 'no remark';
  const busy = whyBusy(response);
  if (busy !== undefined) {
    throw new TurnedAway(busy, `${request} was rejected, ${busyRemarks[busy]} (${busy}): ${remark}`);
  }
  const isAccess = response.code === 16 || /AclException|AuthenticationException|AuthorizationException/.test(remark);
  throw new AppError(
    isAccess ? 'credentials-refused' : 'broker-refused',
    `${request} answered with code ${response.code}: ${remark}`,
    isAccess ? { hint: 'check clusters.<name>.credentials, and the permissions of the access key at the brokers' } : {},
  );
}
