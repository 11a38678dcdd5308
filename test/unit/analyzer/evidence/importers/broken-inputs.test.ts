// A table of damaged and mistaken files: each is refused or flagged, with the file, the place and the way out, and none gets a verdict it does not bear.

import { gzipSync } from 'node:zlib';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { joinFiles, type JoinOptions } from '../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { AppError } from '../../../../../core/errors.ts';
import {
  nothingStated,
  ombResult,
  producerPerfLog,
  rocketmqConsumerLog,
  rocketmqProducerLog,
  sarCpu,
} from '../../../../support/load-test-files.ts';

const policy = examplePolicy();
const noon = Date.parse('2026-11-20T12:00:00Z');
const held = producerPerfLog({ rate: 10_000 });
const result = ombResult();

interface Row {
  name: string;
  files: Readonly<Record<string, string | Uint8Array>>;
  options?: Partial<JoinOptions>;
}

interface Refused extends Row {
  code: string;
  /** In message or hint, all of them. */
  words: readonly string[];
}

interface Flagged extends Row {
  /** Codes of findings. */
  flags: readonly string[];
  words?: readonly string[];
  safe: Analysis['safeMaxTps']['kind'];
}

function analyse({ files, options }: Row): Analysis {
  const given = Object.entries(files).map(([name, content]) => ({
    name,
    bytes: typeof content === 'string' ? Buffer.from(content) : content,
  }));
  return analyzeRun(joinFiles(given, { ...nothingStated, ...options }), policy);
}

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const perFile = (values: Record<string, number>) => ({ byFile: new Map(Object.entries(values)) });
const columns = { time: 'time', rate: 'rate' };
const interval = (() => {
  const histogram = build();
  for (let value = 0; value < 5000; value += 1) histogram.recordValue(1000 + (value % 2000));
  return encodeIntoCompressedBase64(histogram);
})();
const consumerHead = 'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec';
const hlogHead = '#[Histogram log format version 1.3]\n#[StartTime: 1700000000.000 (seconds since epoch), x]\n';

const refused: readonly Refused[] = [
  { name: 'an empty file', files: { 'a.log': '' }, code: 'load-test-unreadable', words: ['a.log', 'empty'] },
  { name: 'blank lines only', files: { 'a.log': ' \n\n' }, code: 'load-test-unreadable', words: ['a.log', 'empty'] },
  {
    name: 'a picture',
    files: { 'a.png': Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1') },
    code: 'load-test-unreadable',
    words: ['a.png', 'binary'],
  },
  {
    name: 'a recording of sar',
    files: { sa20: Buffer.from([0x96, 0xd5, 0, 0, 0x75, 0x21]) },
    code: 'load-test-unreadable',
    words: ['sa20', 'binary', 'sadf -j'],
  },
  {
    name: 'a zip',
    files: { 'a.zip': Buffer.from('PK\x03\x04 rest', 'latin1') },
    code: 'load-test-unreadable',
    words: ['a.zip', 'zip', 'unpack'],
  },
  {
    name: 'a gzip cut off',
    files: { 'a.log.gz': gzipSync(held).subarray(0, 120) },
    code: 'load-test-unreadable',
    words: ['a.log.gz', 'gzip', 'copy it again'],
  },
  {
    name: 'UTF-16 without its mark',
    files: { 'a.log': Buffer.from(held, 'utf16le') },
    code: 'load-test-unreadable',
    words: ['a.log', 'binary', 'UTF-8'],
  },
  {
    name: 'prose',
    files: { 'notes.txt': 'we saw 70k TPS\n' },
    code: 'load-test-unreadable',
    words: ['notes.txt', 'not the output of a supported tool', '--columns'],
  },
  {
    name: 'a line without end',
    files: { 'a.log': `${held}${'x'.repeat(20_000)}\n` },
    code: 'load-test-unreadable',
    words: ['a.log', 'line 10', '20000 characters'],
  },
  {
    name: 'a result cut off',
    files: { 'r.json': result.slice(0, result.length / 2) },
    code: 'load-test-unreadable',
    words: ['r.json', 'closing brace', 'copy it again'],
  },
  {
    name: 'a result with words behind it',
    files: { 'r.json': `${result}\ndone\n` },
    code: 'load-test-unreadable',
    words: ['r.json', 'line', 'done'],
  },
  {
    name: 'a result that nests without end',
    files: { 'r.json': `{"publishRate": ${'['.repeat(100)}` },
    code: 'load-test-unreadable',
    words: ['r.json', 'deeper'],
  },
  {
    name: 'a result whose rates are objects',
    files: { 'r.json': ombResult({ publishRate: [{ rate: 1 }] }) },
    code: 'load-test-unreadable',
    words: ['r.json', 'publishRate.0'],
  },
  {
    name: 'a result whose JSON is broken',
    files: { 'r.json': result.replace('"driver": ', '"driver" ') },
    code: 'load-test-unreadable',
    words: ['r.json', 'no JSON'],
  },
  {
    name: 'records per minute',
    files: { 'p.log': held.replaceAll('records/sec', 'records/min') },
    code: 'load-test-unreadable',
    words: ['p.log', 'line 1', 'records/sec'],
  },
  {
    name: 'two producers in one log',
    files: { 'p.log': `${held.split('\n').slice(0, 8).join('\n')}\n${held}` },
    code: 'load-test-unreadable',
    words: ['p.log', 'several producers', 'a separate file'],
  },
  {
    name: 'output of two tools in one file',
    files: { 'p.log': `${held}${rocketmqProducerLog({ rate: 9000 }, noon)}` },
    code: 'load-test-unreadable',
    words: ['p.log', 'kafka-producer-perf-test', 'RocketMQ benchmark', 'a separate file'],
  },
  {
    name: 'producer and consumer of RocketMQ in one file',
    files: { 'p.log': rocketmqProducerLog({ rate: 9000 }, noon) + rocketmqConsumerLog({ rate: 9000 }, noon) },
    code: 'load-test-unreadable',
    words: ['p.log', 'producer', 'consumer', 'a separate file'],
  },
  {
    name: 'messages of two sizes',
    files: { 'small.log': producerPerfLog({ rate: 10_000, bytes: 128 }), 'large.log': held },
    code: 'load-test-unreadable',
    words: ['small.log', '128 B', 'large.log', '1024 B', 'apart'],
  },
  {
    name: 'two brokers',
    files: { 'k.log': held, 'r.log': rocketmqProducerLog({ rate: 9000, bytes: 1024 }, noon) },
    code: 'load-test-unreadable',
    words: ['k.log', 'r.log', 'Kafka', 'RocketMQ', 'two runs'],
  },
  {
    name: 'a row of a consumer with too few cells',
    files: {
      'c.csv': `${consumerHead}\n2026-11-20 12:00:00:000, 2026-11-20 12:00:30:000, 100.0\n2026-11-20 12:00:00:000, 2026-11-20 12:00:30:000, 1, 1, 1, 1\n`,
    },
    code: 'load-test-unreadable',
    words: ['c.csv', 'line 2', 'heading'],
  },
  {
    name: 'a consumer of which nothing is a number',
    files: { 'c.csv': `${consumerHead}\n2026-11-20 12:00:00:000, 2026-11-20 12:00:00:000, NaN, NaN, 0, NaN\n` },
    code: 'load-test-unreadable',
    words: ['c.csv', 'no row'],
  },
  {
    name: 'readings from eight hours off',
    files: { 'p.log': rocketmqProducerLog({ rate: 9000 }, noon), 'sar.txt': sarCpu({ seconds: 90, from: '20:00:00' }) },
    options: { timezone: 'UTC' },
    code: 'readings-unreadable',
    words: ['sar.txt', '2026-11-20T20:00:01', '2026-11-20T12:00:00', '--clock-offset sar.txt='],
  },
  {
    name: 'a consumer from eight hours off',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'c.log': rocketmqConsumerLog({ rate: 9000 }, noon + 8 * 3600_000),
    },
    code: 'load-test-unreadable',
    words: ['p.log', '2026-11-20T12:00:00', 'c.log', '2026-11-20T20:00:00', '--clock-offset c.log='],
  },
  {
    name: 'producers of two days',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'q.log': rocketmqProducerLog({ rate: 9000 }, noon + 86_400_000),
    },
    code: 'load-test-unreadable',
    words: ['p.log', 'q.log', '2026-11-21', '--clock-offset'],
  },
  {
    name: 'a log without times beside readings with times',
    files: { 'p.log': held, 'sar.txt': sarCpu({ seconds: 60, from: '12:00:00' }) },
    options: { timezone: 'UTC' },
    code: 'usage',
    words: ['--start', 'p.log', '--start p.log='],
  },
  {
    name: 'local time beside an instant',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'c.log': [10, 20, 30]
        .map(
          (second) => `Current Time: 2026-11-20 12:00:${second},123 | Consume TPS: 9000 | AVG(B2C) RT(ms):   1.000\n`,
        )
        .join(''),
    },
    code: 'usage',
    words: ['--timezone', 'c.log', 'Asia/Shanghai'],
  },
  {
    name: 'a result of local time beside a start in UTC',
    files: { 'w-Kafka-2026-11-20-12-02-00.json': result, 'p.log': held },
    options: { starts: perFile({ 'p.log': noon }) },
    code: 'usage',
    words: ['--timezone', 'w-Kafka-2026-11-20-12-02-00.json'],
  },
  {
    name: 'a zone nobody knows',
    files: { 'w-Kafka-2026-11-20-12-02-00.json': result },
    options: { timezone: 'Mars/Olympus' },
    code: 'usage',
    words: ['Mars/Olympus', 'Asia/Shanghai'],
  },
  {
    name: 'the ranges of the benchmark runner',
    files: { 'producer_benchmark_result.csv': 'Metric,Min Value,Max Value\nSend TPS,100,200\n' },
    code: 'load-test-unreadable',
    words: ['producer_benchmark_result.csv', '*_performance_data.csv'],
  },
  {
    name: 'a table in megabytes',
    files: { 't.csv': 'time,MB/s\n0,10\n1,10\n' },
    options: { columns: { time: 'time', rate: 'MB/s' } },
    code: 'load-test-unreadable',
    words: ['t.csv', 'MB/s', 'messages per second'],
  },
  {
    name: 'a table whose time goes back',
    files: { 't.csv': 'time,rate\n1700000000,10\n1700000010,10\n1700000005,10\n' },
    options: { columns },
    code: 'load-test-unreadable',
    words: ['t.csv', 'row 3', 'sort it'],
  },
  {
    name: 'a table whose time is no time',
    files: { 't.csv': 'time,rate\nyesterday,10\n' },
    options: { columns },
    code: 'load-test-unreadable',
    words: ['t.csv', 'line 2', 'yesterday', 'ISO 8601'],
  },
  {
    name: 'a table without the columns that were named',
    files: { 't.csv': 'when,tps\n1,2\n' },
    options: { columns },
    code: 'load-test-unreadable',
    words: ['t.csv', '--columns'],
  },
  {
    name: 'readings of a machine alone',
    files: { 'sar.txt': sarCpu({ seconds: 60, from: '12:00:00' }) },
    code: 'load-test-unreadable',
    words: ['sar.txt', 'none of', 'produced'],
  },
  {
    name: 'a histogram that is none',
    files: { 'h.hlog': `${hlogHead}0.000,1.000,1.000,HISTFAAAAnotzlib\n0.000,1.000,1.000,HISTFAAAAnotzlib\n` },
    code: 'load-test-unreadable',
    words: ['h.hlog', 'line 3', 'histogram'],
  },
  {
    name: 'a generator that no file is of',
    files: { 'p.log': held },
    options: { generatorHost: 'load-1' },
    code: 'not-found',
    words: ['load-1', 'no machine'],
  },
];

describe('refused, with what, where and the way out', () => {
  test.each(refused)('$name', ({ code, words, ...row }) => {
    let fault: unknown;
    try {
      analyse(row);
    } catch (cause) {
      fault = cause;
    }
    expect(fault).toBeInstanceOf(AppError);
    const { message, hint, ...told } = fault as AppError;
    expect({ code: told.code, text: `${message} (${hint})` }).toMatchObject({ code });
    for (const word of words) expect(`${message} (${hint})`).toContain(word);
  });
});

const flagged: readonly Flagged[] = [
  {
    name: 'a log as PowerShell writes it, UTF-16',
    files: { 'p.log': utf16(held) },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  { name: 'a log packed by gzip', files: { 'p.log.gz': gzipSync(held) }, flags: ['no-time-stamps'], safe: 'at-least' },
  {
    name: 'line ends of Windows',
    files: { 'p.log': held.replaceAll('\n', '\r\n') },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log whose bytes are no UTF-8',
    files: { 'p.log': Buffer.concat([Buffer.from([0xc4, 0xfa, 0x0a]), Buffer.from(held)]) },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log without its total',
    files: { 'p.log': held.split('\n').slice(0, -2).join('\n') },
    flags: ['truncated'],
    words: ['p.log', 'total'],
    safe: 'at-least',
  },
  {
    name: 'a log cut within its total',
    files: { 'p.log': held.slice(0, -60) },
    flags: ['truncated'],
    words: ['p.log', 'total'],
    safe: 'at-least',
  },
  {
    name: 'a producer that sent nothing',
    files: { 'p.log': '0 records sent, NaN records/sec (NaN MB/sec), NaN ms avg latency, 0.0 ms max latency.\n' },
    flags: ['truncated'],
    words: ['p.log', 'count no record'],
    safe: 'unknown',
  },
  {
    name: 'a producer without a throttle',
    files: { 'p.log': producerPerfLog({ rate: 73_494, spread: 0.1, latencyMs: 400 }) },
    flags: ['client-bound', 'offered-rate-unknown'],
    words: ['p.log'],
    safe: 'unknown',
  },
  {
    name: 'a steady producer whose buffer is full',
    files: { 'p.log': producerPerfLog({ rate: 80_000, spread: 0.001, latencyMs: 400 }) },
    flags: ['client-bound'],
    safe: 'unknown',
  },
  {
    name: 'a closed loop',
    files: { 'p.log': rocketmqProducerLog({ rate: 9000 }, noon) },
    flags: ['client-bound', 'closed-loop'],
    words: ['64 threads'],
    safe: 'unknown',
  },
  {
    name: 'two results in one file',
    files: { 'r.json': `${result}\n${result}` },
    flags: ['concatenated'],
    words: ['r.json', '2 results'],
    safe: 'at-least',
  },
  {
    name: 'a whole result and a torn one in one file',
    files: { 'r.json': `${result}\n${result.slice(0, 300)}` },
    flags: ['concatenated', 'truncated'],
    words: ['cut off'],
    safe: 'at-least',
  },
  {
    name: 'NaN and Infinity among the rates, as Python and as Jackson write them',
    files: {
      'r.json': ombResult({
        publishRate: [50_000, 50_000, 'NaN', 50_000, 50_000, 0.5, 50_000, 50_000],
        consumeRate: Array.from({ length: 8 }, () => 50_000),
      }).replace('0.5', 'NaN'),
    },
    flags: ['truncated'],
    words: ['2 of 8 samples of publishRate'],
    safe: 'at-least',
  },
  {
    name: 'a result that measured nothing',
    files: { 'r.json': ombResult({ publishRate: [], consumeRate: [], backlog: [] }) },
    flags: ['truncated'],
    words: ['r.json', 'empty'],
    safe: 'unknown',
  },
  {
    name: 'a backlog below zero',
    files: { 'r.json': ombResult({ backlog: [0, -736, 0] }) },
    flags: ['negative-backlog'],
    words: ['-736'],
    safe: 'at-least',
  },
  {
    name: 'latencies at the end of the histogram',
    files: {
      'r.json': ombResult({
        publishDelayLatencyMax: [60_000_255],
        aggregatedPublishDelayLatency50pct: 22_000_000,
        aggregatedPublishDelayLatency99pct: 60_000_255,
        aggregatedPublishDelayLatency999pct: 60_000_255,
        aggregatedPublishDelayLatencyMax: 60_000_255,
      }),
    },
    flags: ['clamped', 'client-bound'],
    words: ['60,000.255 ms'],
    safe: 'at-least',
  },
  {
    name: 'a name that tells of another rate',
    files: { 'r.json': ombResult({ workload: '100-partitions-200K-rate-4-producer' }) },
    flags: ['name-contradicts-figures'],
    words: ['200,000 msg/s', '50,0'],
    safe: 'unknown',
  },
  {
    name: 'a load that broke off',
    files: {
      'r.json': ombResult({ publishRate: [50_000, 50_010, 49_990, 50_000, 50_005, 50_000, 0, 0, 0], consumeRate: [] }),
    },
    flags: ['load-broke-off'],
    words: ['From 60 s on'],
    safe: 'at-least',
  },
  {
    name: 'consumers that never catch up',
    files: { 'r.json': ombResult({ consumeRate: Array.from({ length: 12 }, () => 32_000) }) },
    flags: ['consumer-lag-growing'],
    safe: 'unknown',
  },
  {
    name: 'an offered rate that was not reached',
    files: { 'r.json': ombResult({ producerRate: 80_000 }) },
    flags: ['limit-unexplained'],
    safe: 'unknown',
  },
  {
    name: 'a consumer of an old release',
    files: {
      'c.csv': `${consumerHead}\n2026-11-20 12:00:00:000, 2026-11-20 12:01:20:000, 100.0, 1.25, 720000, 9000.0\n`,
    },
    flags: ['rebalance-included', 'nothing-produced'],
    safe: 'unknown',
  },
  {
    name: 'intervals of a consumer without length',
    files: {
      'c.csv':
        'time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n' +
        '2026-11-20 12:00:05:000, 0, 10.0, 2.0, 10000, 2000.0, 0, 5000, 2.0, 2000.0\n' +
        '2026-11-20 12:00:05:000, 0, 10.0, NaN, 10000, NaN, 0, 0, NaN, NaN\n',
    },
    flags: ['truncated'],
    words: ['1 of its 2 rows'],
    safe: 'unknown',
  },
  {
    name: 'the same file twice',
    files: { 'p.log': held, 'copy.log': held },
    flags: ['file-twice'],
    words: ['copy.log', 'p.log', 'once'],
    safe: 'at-least',
  },
  {
    name: 'a histogram log whose last line is torn',
    files: {
      'h.hlog': `${hlogHead}${[0, 5, 10, 15].map((start) => `${start}.000,5.000,3.000,${interval}\n`).join('')}20.000,5.000,3.000,HISTFAAA`,
    },
    flags: ['truncated'],
    words: ['h.hlog', 'last line'],
    safe: 'unknown',
  },
  {
    name: 'a table with empty cells',
    files: { 't.csv': 'time,rate\n0,100\n10,\n20,100\n30,100\n' },
    options: { columns },
    flags: ['truncated'],
    words: ['1 of its rows'],
    safe: 'unknown',
  },
  {
    name: 'a CPU of which nobody tells the cores',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'vmstat.txt': `procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC\n${[0, 10, 20, 30, 40].map((second) => ` 1  0      0 100 100 100    0    0   128     0   94  144  5  1 94  0  0 2026-11-20 12:00:${String(second).padStart(2, '0')}`).join('\n')}\n`,
    },
    flags: ['cores-unknown'],
    words: ['vmstat.txt', '--cores vmstat='],
    safe: 'unknown',
  },
];

describe('read, and said for what it is', () => {
  test.each(flagged)('$name', ({ flags, words = [], safe, ...row }) => {
    const { findings, safeMaxTps, run } = analyse(row);
    const codes = findings.map(({ code }) => code);
    for (const flag of flags) expect(codes).toContain(flag);
    const told = findings.map(({ message }) => message).join('\n');
    for (const word of words) expect(told).toContain(word);
    expect(safeMaxTps.kind).toBe(safe);
    if (safeMaxTps.kind === 'at-least') expect(safeMaxTps.tps).toBeLessThan(51_000);
    expect(run.sources?.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ''))).toBe(true);
  });
});
