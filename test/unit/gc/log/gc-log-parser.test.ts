import { expect, test } from 'vitest';
import { createGcLogParser, longestLine } from '../../../../gc/log/gc-log-parser.ts';
import { eventsOf, linesOf, ofKind } from '../../../support/read-gc-log.ts';

const pause = (id: number) => `[${id}.000s][gc] GC(${id}) Pause Remark 121M->121M(128M) 0.837ms`;
const idsOf = (...chunks: readonly (string | Uint8Array)[]) =>
  ofKind(eventsOf(...chunks), 'pause').map(({ gcId }) => gcId);

test('an incomplete last line is not an event yet', () => {
  expect(idsOf(`${pause(1)}\n${pause(2)}`)).toEqual([1]);
  expect(idsOf(`${pause(1)}\n${pause(2)}`, '\n')).toEqual([1, 2]);
});

test('accepts Windows line ends', () => {
  expect(idsOf(`${pause(1)}\r\n${pause(2)}\r\n`)).toEqual([1, 2]);
});

test('skips NULs left by a crash or a truncated file, however many', () => {
  expect(idsOf(`${pause(1)}\n`, new Uint8Array(300_000), `${pause(2)}\n`)).toEqual([1, 2]);
  expect(idsOf('[1.000s][gc] GC(1) Pause Rem', new Uint8Array(7), `${pause(2)}\n`)).toEqual([2]);
});

test('keeps a line of another program unchanged', () => {
  expect(eventsOf(linesOf(pause(1), 'größer → Registered kafka')).unparsed).toEqual(['größer → Registered kafka']);
});

test('torn UTF-8 affects only its own line', () => {
  const log = eventsOf(Uint8Array.of(0xc3), linesOf('', pause(1)));
  expect(log.unparsed).toEqual(['\ufffd']);
  expect(ofKind(log, 'pause')).toHaveLength(1);
});

test('reports and skips an overlong line with bounded memory', () => {
  const piece = 'x'.repeat(50_000);
  const parser = createGcLogParser({ event() {}, unparsed() {} });
  for (let pieces = 0; pieces < 40; pieces++) parser.push(Buffer.from(piece));
  expect(JSON.stringify(parser.checkpoint()).length).toBeLessThan(200);
  const log = eventsOf(`${pause(1)}\n`, ...Array.from({ length: 40 }, () => piece), `\n${pause(2)}\n`);
  expect(ofKind(log, 'notice')).toEqual([
    { kind: 'notice', code: 'record-too-long', at: { uptimeSeconds: 1 }, amount: 2_000_000 },
  ]);
  expect(idsOf(linesOf(pause(1), 'x'.repeat(longestLine), pause(2)))).toEqual([1, 2]);
});

test('accepts a change of the log format within a file, and back', () => {
  const old =
    '2020-02-06T14:39:56.629+0800: 0.848: [Full GC (System.gc())  1196M->1118M(5120M), 4.4600000 secs]\n [Times: user=0.34 sys=0.01, real=4.46 secs]';
  const log = eventsOf(linesOf(old, pause(1), old, pause(2)));
  expect(ofKind(log, 'pause').map(({ durationSeconds }) => durationSeconds)).toEqual([4.46, 0.000837, 4.46, 0.000837]);
  expect(ofKind(log, 'run-start')).toHaveLength(4);
});

test('a checkpoint counts whole lines, and a parser restored from it continues', () => {
  const bytes = Buffer.from(`${pause(1)}\n${pause(2)}\n`);
  const cut = pause(1).length + 10;
  const first = createGcLogParser({ event() {}, unparsed() {} });
  first.push(bytes.subarray(0, cut));
  const checkpoint = first.checkpoint();
  expect(checkpoint.consumedBytes).toBe(pause(1).length + 1);
  const kinds: string[] = [];
  const second = createGcLogParser({ event: ({ kind }) => kinds.push(kind), unparsed() {} }, checkpoint);
  second.push(bytes.subarray(checkpoint.consumedBytes));
  second.end();
  expect(kinds).toEqual(['pause']);
});

test.each([undefined, null, 7, {}, { dialect: { name: 'cobol' } }])(
  'a saved state of %j restarts the parser',
  (state) => {
    const kinds: string[] = [];
    const checkpoint = { consumedBytes: 100, state };
    const parser = createGcLogParser({ event: ({ kind }) => kinds.push(kind), unparsed() {} }, checkpoint);
    parser.push(Buffer.from(`${pause(1)}\n`));
    expect(kinds).toContain('run-start');
    expect(parser.checkpoint().consumedBytes).toBe(100 + pause(1).length + 1);
  },
);
