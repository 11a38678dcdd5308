import { expect, test } from 'vitest';
import { prometheusAt } from '../../../../../analyzer/evidence/sources/config.ts';

test('the refusal of a URL with a password or token does not repeat it', () => {
  const refused = /^--prometheus: a URL with a password or token/;
  expect(() => prometheusAt('http://root:hunter2@127.0.0.1:9090')).toThrow(refused);
  expect(() => prometheusAt('http://127.0.0.1:9090/?token=hunter2')).toThrow(refused);
});

test.each(['/?dedup=true', '/?tokenizer=1&keyspace=2', '?tenant=ops@example.com'])(
  'a URL with %s is accepted',
  (query) => {
    const url = `http://127.0.0.1:9090${query}`;
    expect(prometheusAt(url)).toMatchObject({ url });
  },
);
