// Defines an HTTP URL in the config file; logs and pages may repeat it, so it holds no credentials.

import { z } from 'zod';

export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'a URL is written http://host:port/path' })
  .refine(
    hasNoPassword,
    'a URL with user and password in it would be repeated wherever it is spoken of: leave them out',
  );

function hasNoPassword(text: string): boolean {
  const { username, password } = URL.parse(text) ?? { username: '', password: '' };
  return username === '' && password === '';
}
