// Compares parsed logs of real JVMs with sums over their lines.

import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsOf, ofKind } from '../../../support/read-gc-log.ts';

const folder = new URL('../../../fixtures/gc-logs/unified/', import.meta.url);
const files = globSync('*.log', { cwd: folder }).map((name) => ({
  name: basename(name, '.log'),
  text: readFileSync(new URL(name, folder), 'latin1'),
}));
const linesWith = (text: string, ...words: readonly string[]) =>
  text.split('\n').filter((line) => words.every((word) => line.includes(word)));
const printedMs = (line: string) => Number(line.slice(line.lastIndexOf(' ') + 1, -2));

test('the fixtures have logs of four JVMs', () => {
  expect(new Set(files.map(({ name }) => name.slice(0, 2)))).toEqual(new Set(['11', '17', '21', '25']));
});

describe.each(files)('$name', ({ text }) => {
  const log = eventsOf(text);
  const pauses = ofKind(log, 'pause');

  test('parses every line', () => expect(log.unparsed).toEqual([]));

  test('finds every pause with its printed duration', () => {
    const printed = linesWith(text, ' Pause ').filter((line) => line.endsWith('ms'));
    expect(pauses.map(({ durationSeconds }) => durationSeconds.toFixed(9))).toEqual(
      printed.map((line) => (printedMs(line) / 1000).toFixed(9)),
    );
  });

  test('finds every safepoint and stall', () => {
    expect(ofKind(log, 'stop')).toHaveLength(
      linesWith(text, 'Safepoint "').length + linesWith(text, 'threads were stopped').length,
    );
    expect(ofKind(log, 'stall')).toHaveLength(linesWith(text, ' Stall (', 'ms').length);
  });

  test('a pause has the CPU time that is printed after it', () => {
    const lines = text.split('\n');
    const afterPauses = lines.filter((line, index) => line.includes('User=') && lines[index - 1]?.includes(' Pause '));
    expect(pauses.filter(({ cpu }) => cpu !== undefined)).toHaveLength(afterPauses.length);
  });

  test('finds a single JVM without notices', () => {
    expect(ofKind(log, 'run-start')).toHaveLength(1);
    expect(ofKind(log, 'notice')).toEqual([]);
  });
});
