import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiDocument } from '../../service/api/openapi.ts';
import { operations } from '../../service/api/registry.ts';
import type { Operation } from '../../service/api/operation.ts';
import { serveApi, servedCluster, type ServedApi } from '../support/served-api.ts';

const all: readonly Operation[] = operations;
const { paths } = openApiDocument() as { paths: Record<string, Record<string, { responses: object }>> };
const calculator = {
  ask: async () => {
    throw new Error('nothing that is made up at random gets so far');
  },
  async [Symbol.asyncDispose]() {},
};

let api: ServedApi;
beforeAll(async () => void (api = await serveApi({ clusters: [servedCluster('orders')], calculator })));
afterAll(() => api[Symbol.asyncDispose]());

const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    'orders',
    '1',
    '0',
    '-1',
    '1e309',
    'NaN',
    '__proto__',
    '../..',
    '\u202Ex',
    '\u0000',
    '<script>',
    'x'.repeat(300),
  ),
);
const wellFormed = word.map((text) => text.toWellFormed());

test('any request receives JSON with a documented status', async () => {
  const asked = fc.record({
    operation: fc.constantFrom(...all),
    words: fc.array(wellFormed, { minLength: 3, maxLength: 3 }),
    names: fc.array(fc.oneof(wellFormed, fc.constantFrom('limit', 'cursor', 'since', 'kind', 'groups')), {
      maxLength: 3,
    }),
    body: fc.oneof(fc.json(), fc.string({ maxLength: 200 })),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ operation, words, names, body }) => {
      let turn = 0;
      // An empty segment would be a different path.
      const path = operation.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(words[turn++ % words.length] || 'x'));
      // URL normalization removes dot segments before sending.
      fc.pre(!/\/%2e|\/\.{1,2}(?:\/|$)/i.test(path));
      const query = new URLSearchParams(
        names.map((name, index): [string, string] => [name, words[index] ?? '']),
      ).toString();
      const response = await fetch(`${api.url}${path}?${query}`, {
        method: operation.method.toUpperCase(),
        ...(operation.body !== undefined && { body, headers: { 'Content-Type': 'application/json' } }),
      });
      const answer = (await response.json()) as { error?: { hint: string } };
      expect(Object.keys(paths[operation.path]?.[operation.method]?.responses ?? {})).toContain(
        String(response.status),
      );
      expect(response.status).toBeLessThan(500);
      if (response.ok) operation.answer.parse(answer);
      else expect(answer.error?.hint).toMatch(/\S/);
    }),
    { numRuns: 300 },
  );
});
