// Where is something read over HTTP? A URL as config writes it, which logs and pages may repeat.

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
