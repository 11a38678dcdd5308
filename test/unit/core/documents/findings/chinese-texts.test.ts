import { expect, test } from 'vitest';
import { findingExamples, findingOf } from '../../../../../core/documents/findings/findings.ts';

test.each(['closed-loop', 'gc-limit', 'generator-limited', 'littles-law', 'replication-limit'] as const)(
  'the Chinese text of %s has Chinese units and names of brokers',
  (code) => {
    const texts = findingExamples(code).map(({ messageZh }) => messageZh);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toMatch(/\bbroker \d|msg\/s| of /);
  },
);

test.each([
  ['raw seconds', /\d s\b/, ['unconfirmed', 'clock-offset', 'slaves-serve-no-tail', 'nothing-produced']],
  ['raw seconds', /\d s\b/, ['cluster-changed', 'disk-unknown', 'latency-bound']],
  ['bare shares', /0\.\d/, ['margin-ledger', 'group-binds', 'daily-share']],
  ['English words', /bisect|generator|invalid|unstable/, ['trials-excluded', 'soak-not-safe']],
  ['English words', /network-out|slave/, ['measured-beyond-the-card', 'slaves-serve-no-tail']],
  ['two words for a step', /步骤|一步/, ['use-not-steady', 'unconfirmed', 'slo-unmeasured', 'slo-extrapolated']],
] as const)('Chinese findings have no %s like %s: %s', (_, pattern, codes) => {
  for (const code of codes) for (const { messageZh } of findingExamples(code)) expect(messageZh).not.toMatch(pattern);
});

test.each([
  [{ kind: 'saturated' }, '其长压的结果为饱和。'],
  [{ kind: 'invalid', reason: 'generator-limited' }, '其长压的结果为无效（压测端达到上限）。'],
  [{ kind: 'not-judged', reason: 'lag-unknown' }, '其长压的结果为不判定（消费堆积未知）。'],
] as const)('the Chinese text of soak-not-safe has the verdict of the soak: %j', (verdict, text) => {
  const doubt = { kind: 'not-sustained', verdict } as const;
  expect(findingOf('soak-not-safe', { tps: 6000, doubt }).messageZh).toContain(text);
});

test('a server given as an option has no key under sources, and offsets replace a missing message rate', () => {
  const source = 'http://127.0.0.1:9090';
  const missing = (what: string, of: string) =>
    findingOf('source-missing', { source, what, of, triedMetrics: ['metric'] }).message;
  const link = missing('linkBytesPerSecond', 'host');
  expect(link).toContain('Add this server under `sources`');
  expect(link).not.toContain('sources.http');
  const rate = missing('messagesInPerSecond', 'broker');
  expect(rate).toContain('computed from offsets');
  expect(rate).not.toContain('limit');
});
