import { expect, test } from 'vitest';
import { GcLogsConfig } from '../../../../hosts/gc-tail/config.ts';
import { parseFilePattern } from '../../../../hosts/gc-tail/file-pattern.ts';

const matches = (pattern: string, name: string) => parseFilePattern(pattern).matches(name);

test.each([
  ['/logs/gc.log', 'gc.log', true],
  ['/logs/gc.log', 'gc.log.0', true],
  ['/logs/gc.log', 'gc.log.3.current', true],
  ['/logs/gc.log', 'gc.log.gz', false],
  ['/logs/gc.log', 'gcxlog', false],
  ['/logs/rmq_*_?.log', 'rmq_1_2_a.log.004', true],
  ['/logs/rmq_*_?.log', 'rmq_1_.log', false],
  ['/logs/(a+)+.log', '(a+)+.log', true],
])('pattern %s matches %s: %s', (pattern, name, isFound) => expect(matches(pattern, name)).toBe(isFound));

test('many adjacent wildcards are as fast as one', () => {
  expect(matches(`/logs/${'*'.repeat(1000)}b`, 'a'.repeat(250))).toBe(false);
});

test('a folder has no wildcards, and a path starts at the root', () => {
  const messageOf = (files: string) => GcLogsConfig.safeParse({ broker: { files } }).error?.message;
  expect(messageOf('/var/*/gc.log')).toContain('not in folders above it');
  expect(messageOf('logs/gc.log')).toBeDefined();
  expect(messageOf('/var/log/gc*.log')).toBeUndefined();
});
