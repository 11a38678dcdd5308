// Encodes AUTH_CREATE_USER (3001) to AUTH_LIST_USER (3005) of ACL 2.0 (RocketMQ 5.3 and later), and parses their answers.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

export const userTypes = ['normal', 'super'] as const;
type UserType = (typeof userTypes)[number];

export interface BrokerUser {
  name: string;
  type: UserType;
  isEnabled: boolean;
}

/** What is absent stays as it is. */
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

export const encodeCreateUser = (username: string, change: UserChange): Request => ({
  code: 3001,
  fields: { username },
  body: bodyOf(username, change),
});

export const encodeUpdateUser = (username: string, change: UserChange): Request => ({
  code: 3002,
  fields: { username },
  body: bodyOf(username, change),
});

export const encodeDeleteUser = (username: string): Request => ({ code: 3003, fields: { username } });

export const encodeListUsers = (): Request => ({ code: 3005, fields: { filter: '' } });

/** @throws AppError as the broker answers */
export function parseUserChanged(response: Response): void {
  answered(response, 'a change of a user (3001 to 3003)');
}

const Users = z.array(
  z.looseObject({ username: z.string(), userType: z.string().nullish(), userStatus: z.string().nullish() }),
);

/** Codes of a broker that does not know the request: 4.x, and 5.x before 5.3. */
const notSupported = 3;

/** @returns undefined where the broker has no ACL 2.0. @throws AppError as the broker answers, answer-unreadable */
export function parseListUsers(response: Response): BrokerUser[] | undefined {
  if (response.code === notSupported) return undefined;
  const { body } = answered(response, 'the users (3005)');
  const parsed = Users.safeParse(body === undefined || body.length === 0 ? [] : parseJson(body.toString('utf8')));
  if (!parsed.success) throw new AppError('answer-unreadable', 'the users (3005) cannot be read');
  return parsed.data.map(({ username, userType, userStatus }) => ({
    name: username,
    type: userType?.toLowerCase() === 'super' ? ('super' as const) : ('normal' as const),
    isEnabled: userStatus?.toLowerCase() !== 'disable',
  }));
}
