// Defines an HTTP URL in the config file, without credentials, since logs and pages may show it.

import { z } from 'zod';

export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'expected a URL such as http://host:port/path' })
  .refine(hasNoPassword, 'a URL with user and password would appear in logs and messages: remove them');

export function hasNoPassword(text: string): boolean {
  const { username, password } = URL.parse(text) ?? { username: '', password: '' };
  return username === '' && password === '';
}
