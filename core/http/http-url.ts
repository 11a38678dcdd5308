// Defines an HTTP URL in the config file; logs and pages may repeat it, so it holds no credentials.

import { z } from 'zod';

export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'expected a URL such as http://host:port/path' })
  .refine(hasNoPassword, 'a URL with user and password would appear in logs and messages: remove them');

export function hasNoPassword(text: string): boolean {
  const { username, password } = URL.parse(text) ?? { username: '', password: '' };
  return username === '' && password === '';
}
