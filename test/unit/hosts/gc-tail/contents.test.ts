import { expect, test } from 'vitest';
import { inOrder } from '../../../../hosts/gc-tail/contents.ts';
import { headStampMs } from '../../../../hosts/gc-tail/head-stamp.ts';

const line = (time: string, id: number) =>
  `[2026-01-01T00:00:${time}+0000][gc] GC(${id}) Pause Young (Normal) (G1 Evacuation Pause) 51M->9M(64M) 6.674ms\n`;

const file = (path: string, modifiedAtMs: number, head: string) => ({
  path,
  identity: path,
  sizeBytes: 100,
  modifiedAtMs,
  head,
});

const order = (files: ReturnType<typeof file>[], current?: string) =>
  inOrder(files, {
    isCurrent: ({ path }) => path === current,
    isBeingWritten: (path) => path === 'gc.log',
    begunAtMs: ({ head }) => headStampMs(head),
  }).map(({ path }) => path);

test('sorts files rotated within one clock tick of the file system by their timestamps', () => {
  const files = [
    file('gc.log', 1000, line('04.100', 9)),
    file('gc.log.0', 1000, line('03.100', 8)),
    file('gc.log.1', 1000, line('01.100', 6)),
    file('gc.log.2', 1000, line('02.100', 7)),
  ];
  expect(order(files)).toEqual(['gc.log.1', 'gc.log.2', 'gc.log.0', 'gc.log']);
  expect(order(files, 'gc.log.0')[0]).toBe('gc.log.0');
});

test('sorts files without dates by modification time, with the file being written last', () => {
  const undated = '[0.014s][gc] Using G1\n';
  const files = [
    file('gc.log', 2000, line('01.100', 1)),
    file('gc.log.1', 2000, undated),
    file('gc.log.0', 1000, undated),
  ];
  expect(order(files)).toEqual(['gc.log.0', 'gc.log.1', 'gc.log']);
});
