// Defines an HTTP URL in the config file, without credentials, since logs and pages may show it.

import { z } from 'zod';
import { shownValue } from '../secret-settings.ts';

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
