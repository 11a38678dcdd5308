import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CatalogueFile } from '../../../../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile } from '../../../../analyzer/planning/domains/domains-file.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createCalculator } from '../../../../service/calculation/calculator.ts';
import type { Question } from '../../../../service/calculation/calculation.ts';

const policy = examplePolicy();
const run = fileURLToPath(new URL('../../../fixtures/recorded-runs/find-safe', import.meta.url));
const io = { signal: new AbortController().signal };
const example = (name: string): unknown =>
  parse(readFileSync(new URL(`../../../../examples/${name}`, import.meta.url), 'utf8'));
const plan = (worlds: number): Extract<Question, { kind: 'size' }> => ({
  kind: 'size',
  policy,
  file: DomainsFile.parse(example('domains.yaml')),
  catalogue: CatalogueFile.parse(example('domains-catalogue.yaml')),
  verdicts: {},
  seed: 'plimsoll',
  worlds,
});

test('one thread answers requests in order, and a failed request does not affect the next', async () => {
  await using calculator = createCalculator();
  const missing = { kind: 'what-if', run: '/nowhere', policy, alternatives: [{}] } as const;
  const [refused, answered] = await Promise.allSettled([
    calculator.ask(missing, io),
    calculator.ask({ ...missing, run, alternatives: [{ groups: 3 }] }, io),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'run-missing' } });
  expect(answered).toMatchObject({ status: 'fulfilled', value: [{ alternative: { groups: 3 } }] });
  expect((await calculator.ask(plan(32), io)).clusters.length).toBeGreaterThan(0);
});

test('a calculation that takes too long or has no waiters is ended, and requests beyond the queue are refused', async () => {
  await using calculator = createCalculator({ timeoutMs: 1 });
  await expect(calculator.ask(plan(2048), io)).rejects.toMatchObject({ code: 'calculation-too-long' });
  await expect(calculator.ask(plan(32), { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
  const many = await Promise.allSettled(Array.from({ length: 7 }, () => calculator.ask(plan(2048), io)));
  expect(many.map((each) => each.status === 'rejected' && (each.reason as { code: string }).code)).toEqual([
    ...Array.from({ length: 5 }, () => 'calculation-too-long'),
    'service-busy',
    'service-busy',
  ]);
});
