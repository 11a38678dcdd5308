// Encodes AUTH_CREATE_USER (3001) to AUTH_LIST_USER (3005) of ACL 2.0 (RocketMQ 5.3 and later), and parses their answers.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { answered, type Response, typedRequest } from './frame.ts';

export const userTypes = ['normal', 'super'] as const;
type UserType = (typeof userTypes)[number];

/** Absent fields keep their value. */
export interface UserChange {
  password?: string;
  type?: UserType;
  isEnabled?: boolean;
}

/*
 * Request fields  username          3001 to 3003
 *                 filter            3005, empty: all
 *         body    {"username","password","userType":"Normal"|"Super","userStatus":"enable"|"disable"}   3001, 3002
 * Response body   [{"username","password","userType","userStatus"}]   3005; the passwords are not read
 */

const typeNames: Record<UserType, string> = { normal: 'Normal', super: 'Super' };

function bodyOf(username: string, { password, type, isEnabled }: UserChange): Buffer {
  return Buffer.from(
    JSON.stringify({
      username,
      ...(password !== undefined && { password }),
      ...(type !== undefined && { userType: typeNames[type] }),
      ...(isEnabled !== undefined && { userStatus: isEnabled ? 'enable' : 'disable' }),
    }),
  );
}

const changed = (response: Response): void => void answered(response, 'a change of a user (3001 to 3003)');

export const encodeCreateUser = (username: string, change: UserChange) =>
  typedRequest(3001, { username }, changed, bodyOf(username, change));

export const encodeUpdateUser = (username: string, change: UserChange) =>
  typedRequest(3002, { username }, changed, bodyOf(username, change));

export const encodeDeleteUser = (username: string) => typedRequest(3003, { username }, changed);

export const encodeListUsers = () => typedRequest(3005, { filter: '' }, parseListUsers);

const Users = z.array(
  z.looseObject({ username: z.string(), userType: z.string().nullish(), userStatus: z.string().nullish() }),
);

/** Response code of a broker that does not support the request: 4.x, and 5.x before 5.3. */
const notSupported = 3;

/** @returns undefined if the broker has no ACL 2.0. @throws AppError as the broker answers, answer-unreadable */
export function rowsOf<Row>(response: Response, what: string, Rows: z.ZodType<Row[]>): Row[] | undefined {
  if (response.code === notSupported) return undefined;
  const { body } = answered(response, what);
  const parsed = Rows.safeParse(body === undefined || body.length === 0 ? [] : parseJson(body.toString('utf8')));
  if (!parsed.success) throw new AppError('answer-unreadable', `${what} cannot be read`);
  return parsed.data;
}

export type BrokerUser = NonNullable<ReturnType<typeof parseListUsers>>[number];

/** Returns and throws as `rowsOf`. */
export function parseListUsers(response: Response) {
  return rowsOf(response, 'the users (3005)', Users)?.map(({ username, userType, userStatus }) => ({
    name: username,
    type: userType?.toLowerCase() === 'super' ? ('super' as const) : ('normal' as const),
    isEnabled: userStatus?.toLowerCase() !== 'disable',
  }));
}
