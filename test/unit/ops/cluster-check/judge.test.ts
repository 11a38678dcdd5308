import { expect, test } from 'vitest';
import { factsFrom, type FactSource, type FactValue, type Subject } from '../../../../ops/cluster-check/fact.ts';
import { judge } from '../../../../ops/cluster-check/judge.ts';
import { Rule } from '../../../../ops/cluster-check/rule.ts';

const absent =
  (kind: 'not-there' | 'unread'): FactSource['otherwise'] =>
  (name) => ({ kind, reason: `no ${name}` });
const subject = (values: Record<string, FactValue>, otherwise = absent('not-there')): Subject => ({
  on: 'host',
  id: 'broker-1',
  sources: { host: factsFrom(values, 'host broker-1', otherwise) },
  names: {},
});
const rule = (fields: object) =>
  Rule.parse({
    id: 'a-rule',
    on: 'host',
    fact: 'host/figure',
    must: { atMost: 10 },
    severity: 'warning',
    reason: 'because',
    sources: [{ document: 'a page', says: 'ten' }],
    fix: 'do it',
    ...fields,
  });
const kindOf = (fields: object, on: Subject) => judge([rule(fields)], [on], 'kafka')[0]?.kind;

test('a figure within its bound passes, and one beyond it is a violation', () => {
  expect(kindOf({}, subject({ figure: 10 }))).toBe('kept');
  expect(kindOf({}, subject({ figure: '11' }))).toBe('broken');
});

test('a fact that the kernel lacks is not applicable, and one that could not be read is unread', () => {
  expect(kindOf({}, subject({}))).toBe('not-applicable');
  expect(kindOf({}, subject({}, absent('unread')))).toBe('unread');
});

test('a value that is not a number is never compared with a bound', () => {
  expect(kindOf({}, subject({ figure: '(not set)' }))).toBe('unread');
  expect(kindOf({}, subject({ figure: '' }))).toBe('unread');
});

test('a bound can be another fact, multiplied and with an offset', () => {
  const fields = { must: { atLeast: { fact: 'host/cores', times: 2, plus: 16 } } };
  expect(kindOf(fields, subject({ figure: 20, cores: 2 }))).toBe('kept');
  expect(kindOf(fields, subject({ figure: 19, cores: 2 }))).toBe('broken');
  expect(kindOf(fields, subject({ figure: 19 }))).toBe('not-applicable');
  expect(kindOf(fields, subject({ figure: 19 }, absent('unread')))).toBe('unread');
});

test('a rule with a condition skips subjects that do not meet it', () => {
  const fields = { when: { 'host/role': { equals: 'master' } } };
  expect(kindOf(fields, subject({ figure: 99, role: 'slave' }))).toBeUndefined();
  expect(kindOf(fields, subject({ figure: 99, role: 'master' }))).toBe('broken');
  expect(kindOf(fields, subject({ figure: 99 }))).toBe('not-applicable');
  expect(kindOf(fields, subject({ figure: 99 }, absent('unread')))).toBe('unread');
});

test('an unset option has the default of the JVM, but an option that could not be read stays unread', () => {
  expect(kindOf({ silence: 45 }, subject({}))).toBe('broken');
  expect(kindOf({ silence: 45 }, subject({}, absent('unread')))).toBe('unread');
});

test('compares text without case, and booleans as text', () => {
  const found = (must: object, figure: FactValue) => kindOf({ must }, subject({ figure }));
  expect(found({ equals: false }, 'FALSE')).toBe('kept');
  expect(found({ oneOf: ['xfs', 'ext4'] }, 'btrfs')).toBe('broken');
  expect(found({ noneOf: ['/'] }, '/data')).toBe('kept');
  expect(found({ matchesNot: '^/tmp(/|$)' }, '/tmp/kafka-logs')).toBe('broken');
  expect(found({ matchesNot: '^/tmp(/|$)' }, '/tmpfs')).toBe('kept');
});

test('leaves out rules of the other broker kind', () =>
  expect(judge([rule({ broker: 'rocketmq' })], [subject({ figure: 99 })], 'kafka')).toEqual([]));

test('a rule is not applicable to a subject without the source of its fact', () => {
  expect(kindOf({ fact: 'jvm/heapBytes' }, subject({}))).toBe('not-applicable');
});
