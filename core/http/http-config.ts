// Defines HTTP URLs and credentials in the config file.

import { z } from 'zod';
import { shownValue } from '../secret-settings.ts';
import { Secret } from '../secret.ts';

export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'expected a URL such as http://host:port/path' })
  .refine(
    (text) => hasNoPassword(text) && hasNoToken(text.replace(/^\w+:\/\/[^/?#]*/, '')),
    'a URL with a password or token would appear in logs and messages: remove it',
  );

export function hasNoPassword(text: string): boolean {
  const { username, password } = URL.parse(text) ?? { username: '', password: '' };
  return username === '' && password === '';
}

const hasNoToken = (path: string): boolean => shownValue('', path) === path;

/**
 * Defines credentials for HTTP in the config file: user and password, a token, or other headers, each by reference.
 */
export const HttpAuthorization = z
  .union([z.strictObject({ username: z.string(), password: Secret }), z.strictObject({ bearerToken: Secret })])
  .describe('credentials that the page requires: user and password, or a token');
export type HttpAuthorization = z.output<typeof HttpAuthorization>;

/** @throws AppError secret-unreadable */
export function authorizationHeader(authorization: HttpAuthorization | undefined): Record<string, string> {
  if (authorization === undefined) return {};
  if ('bearerToken' in authorization) return { Authorization: `Bearer ${authorization.bearerToken.reveal()}` };
  const { username, password } = authorization;
  return { Authorization: `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}` };
}

export const SecretHeaders = z.record(z.string(), Secret).describe('further headers, such as a tenant');

/** Read for each request, because secret files change. @throws AppError secret-unreadable */
export const headersOf = ({
  authorization,
  headers = {},
}: {
  authorization?: HttpAuthorization | undefined;
  headers?: z.output<typeof SecretHeaders> | undefined;
}): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()])),
  ...authorizationHeader(authorization),
});
