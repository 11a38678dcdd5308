import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRules } from '../../../../ops/cluster-check/rules.ts';
import { applyWaivers, parseWaivers } from '../../../../ops/cluster-check/waivers.ts';

const known = readRules().map(({ id }) => id);
const parse = (text: string) => parseWaivers(text, 'waivers.yaml', known);
const one = (fields: string) => `waivers:\n  - { rule: os-swappiness, reason: old machines${fields} }\n`;

test('reads the example file', () => {
  const text = readFileSync(new URL('../../../../examples/waivers.yaml', import.meta.url), 'utf8');
  expect(parse(text).map(({ rule }) => rule)).toContain('os-dirty-writeback');
});

test('a waiver applies through its last day', () => {
  const waivers = parse(one(', until: 2026-11-20'));
  expect(applyWaivers(waivers, '2026-11-20').of('os-swappiness', 'broker-1')).toBeDefined();
  const late = applyWaivers(waivers, '2026-11-21');
  expect(late.of('os-swappiness', 'broker-1')).toBeUndefined();
  expect(late.expired).toEqual(waivers);
});

test('a waiver applies only to the subject that it names', () => {
  const waived = applyWaivers(parse(one(', on: broker-1')), '2026-11-20');
  expect(waived.of('os-swappiness', 'broker-1')).toBeDefined();
  expect(waived.of('os-swappiness', 'broker-2')).toBeUndefined();
});

test('reports a waiver that excused nothing', () => {
  const waived = applyWaivers(parse(one('')), '2026-11-20');
  expect(waived.unused()).toEqual(['os-swappiness']);
  waived.of('os-swappiness', 'broker-1');
  expect(waived.unused()).toEqual([]);
});

test.each([
  ['waivers: [', /not YAML/],
  ['waivers: 3', /waivers: /],
  ['waivers:\n  - { rule: os-swappiness }\n', /waivers\.0\.reason/],
  [one(', until: 31.12.2026'), /waivers\.0\.until/],
  [one(', because: I say so'), /because/],
  ['', /the file/],
])('rejects %j with the location of the error', (text, words) => expect(() => parse(text)).toThrow(words));

test('rejects an unknown rule and suggests the nearest one', () => {
  const attempt = () => parse('waivers:\n  - { rule: os-swapiness, reason: x }\n');
  expect(attempt).toThrow(expect.objectContaining({ code: 'waivers-unreadable', hint: 'did you mean os-swappiness?' }));
});
