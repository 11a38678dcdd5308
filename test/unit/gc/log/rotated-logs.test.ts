import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findRotatedLogs, type LogFile } from '../../../../gc/log/rotated-logs.ts';

const dated = (minute: number) =>
  `[2026-11-20T13:${minute}:10.175+0000][gc] GC(${minute}) Pause Remark 1M->1M(2M) 1ms\n`;
const undated = (minute: number) => `[${minute}.175s][gc] GC(${minute}) Pause Remark 1M->1M(2M) 1ms\n`;

const file = (path: string, content: string | Uint8Array, modifiedAtMs = 0): LogFile => ({
  path,
  modifiedAtMs,
  async *open() {
    yield Buffer.from(content);
  },
});
const found = async (...files: readonly LogFile[]) => {
  const { logs, leftOut } = await findRotatedLogs(files);
  return { logs: logs.map(({ files: ordered }) => ordered.map(({ path }) => path)), leftOut };
};

test('sorts files by first timestamp, because rotation numbers wrap', async () => {
  const { logs } = await found(
    file('gc.log', dated(40)),
    file('gc.log.0', dated(30)),
    file('gc.log.1', dated(10)),
    file('gc.log.2', dated(20)),
  );
  expect(logs).toEqual([['gc.log.1', 'gc.log.2', 'gc.log.0', 'gc.log']]);
});

test('includes files that were current before a restart of JDK 8', async () => {
  const { logs } = await found(
    file('gc.log.0.current', dated(50)),
    file('gc.log.5.current', dated(12)),
    file('gc.log.4', dated(11)),
  );
  expect(logs).toEqual([['gc.log.4', 'gc.log.5.current', 'gc.log.0.current']]);
});

test('without dates, the last modified file is the newest', async () => {
  const { logs } = await found(file('gc.log', undated(3), 900), file('gc.log.0', undated(7), 100));
  expect(logs).toEqual([['gc.log.0', 'gc.log']]);
});

test('leaves out a compressed copy', async () => {
  const { logs, leftOut } = await found(file('gc.log.0', dated(10)), file('copy/gc.log.0.gz', gzipSync(dated(10))));
  expect(logs).toEqual([['gc.log.0']]);
  expect(leftOut).toEqual([{ path: 'copy/gc.log.0.gz', why: 'copy', of: 'gc.log.0' }]);
});

test('keeps the longer of a log and a copy that was made while the log grew', async () => {
  const whole = dated(10).repeat(2000);
  const copy = file('backup-of-gc.log', whole.slice(0, 100_000));
  const packed = file('a.log.gz', gzipSync(whole.slice(0, 90_000)));
  for (const files of [
    [copy, file('gc.log', whole), packed],
    [packed, copy, file('gc.log', whole)],
  ]) {
    const { logs, leftOut } = await found(...files);
    expect(logs).toEqual([['gc.log']]);
    expect(leftOut.map(({ path }) => path).toSorted()).toEqual(['a.log.gz', 'backup-of-gc.log']);
  }
});

test('keeps the longer of a short log and a copy of its first lines', async () => {
  const whole = dated(10) + dated(11) + dated(12);
  const logs = [
    file('gc.log', whole),
    file('backup.log', dated(10)),
    file('backup.gz', gzipSync(dated(10) + dated(11))),
  ];
  for (const files of [logs, logs.toReversed()]) {
    const { logs: kept, leftOut } = await found(...files);
    expect(kept).toEqual([['gc.log']]);
    expect(leftOut.map(({ why }) => why)).toEqual(['copy', 'copy']);
  }
});

test('a log of few characters is not a copy of a log that starts with the same text', async () => {
  const { logs } = await found(
    file('b.log', '[0.014s][gc] Using G1\n'),
    file('a.log', `[0.014s][gc] Using G1\n${undated(3)}`),
  );
  expect(logs).toHaveLength(2);
});

test('logs with other names are separate, oldest first', async () => {
  const { logs } = await found(file('rmq_srv_gc_2.log', dated(30)), file('rmq_srv_gc_1.log', dated(20)));
  expect(logs).toEqual([['rmq_srv_gc_1.log'], ['rmq_srv_gc_2.log']]);
});

test('leaves out and reports files that are not GC logs', async () => {
  const { logs, leftOut } = await found(file('gc.log', ''), file('server.log', 'INFO started\n'));
  expect(logs).toEqual([]);
  expect(leftOut).toEqual([
    { path: 'gc.log', why: 'empty' },
    { path: 'server.log', why: 'no-gc-lines' },
  ]);
});
