import { expect, test } from 'vitest';
import { prometheusAt } from '../../../../../analyzer/evidence/sources/config.ts';

test('the refusal of a URL with a password does not repeat it', () => {
  const refused = /^--prometheus: a URL with user and password/;
  expect(() => prometheusAt('http://root:hunter2@127.0.0.1:9090')).toThrow(refused);
});
