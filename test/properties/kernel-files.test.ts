import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDiskstats } from '../../hosts/proc/diskstats.ts';
import { parseLoadavg, parseStat, parsePressure } from '../../hosts/proc/stat.ts';
import { parseMeminfo, parseVmDirty } from '../../hosts/proc/memory.ts';
import { parseNetDev } from '../../hosts/proc/network.ts';
import { parseSpeed } from '../../hosts/nic-speed.ts';
import { recordedRoots } from '../support/golden-metrics-page.ts';

/** Parsed entries for comparison: a truncated file may contain fewer of them, but no others. */
const parsers: Record<string, (text: string) => readonly unknown[]> = {
  stat: parseStat,
  meminfo: (text) => Object.entries(parseMeminfo(text)),
  diskstats: parseDiskstats,
  'net/dev': parseNetDev,
  loadavg: (text) => [parseLoadavg(text)].filter((load) => load !== undefined),
  'pressure/io': (text) => Object.entries(parsePressure(text) ?? {}),
};

const files = Object.keys(parsers).map((file) => ({
  file,
  parse: parsers[file] ?? (() => []),
  text: readFileSync(join(recordedRoots.procfs, file), 'utf8'),
}));

test.each(files)('a truncated $file yields some of its figures, and never a wrong one', ({ parse, text }) => {
  const whole = parse(text);
  expect(whole.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.nat(text.length), (length) => {
      for (const entry of parse(text.slice(0, length))) expect(whole).toContainEqual(entry);
    }),
  );
});

const lines = fc
  .array(fc.oneof(fc.string(), fc.constantFrom(...files.flatMap(({ text }) => text.split('\n')))))
  .map((all) => all.join('\n'));
const damaged = fc
  .tuple(lines, fc.string(), fc.nat(200))
  .map(([text, noise, at]) => text.slice(0, at) + noise + text.slice(at));

test('no parser throws or returns NaN for any text', () => {
  fc.assert(
    fc.property(damaged, (text) => {
      for (const { parse } of files) {
        const found = JSON.stringify(parse(text), (_, value: unknown) => (Number.isNaN(value) ? 'NaN' : value));
        expect(found).not.toContain('"NaN"');
      }
      parseSpeed(text);
      parseVmDirty({ expireCentisecs: text, bytes: text, ratio: text }, 1000);
    }),
  );
});
