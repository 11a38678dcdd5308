// Checks that damaged and wrong files are read with findings, and that their verdict is limited accordingly.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { ombResult, producerPerfLog, rocketmqProducerLog } from '../../../../support/load-test-files.ts';
import {
  type Row,
  analyse,
  columns,
  consumerHead,
  held,
  hlogHead,
  interval,
  noon,
  result,
} from '../../../../support/broken-inputs.ts';

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

interface Flagged extends Row {
  /** Codes of findings. */
  flags: readonly string[];
  words?: readonly string[];
  safe: Analysis['safeMaxTps']['kind'];
}

const flagged: readonly Flagged[] = [
  {
    name: 'a log as PowerShell writes it, UTF-16',
    files: { 'p.log': utf16(held) },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log compressed with gzip',
    files: { 'p.log.gz': gzipSync(held) },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log with Windows line endings',
    files: { 'p.log': held.replaceAll('\n', '\r\n') },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log with bytes that are not UTF-8',
    files: { 'p.log': Buffer.concat([Buffer.from([0xc4, 0xfa, 0x0a]), Buffer.from(held)]) },
    flags: ['no-time-stamps'],
    safe: 'at-least',
  },
  {
    name: 'a log without its summary line',
    files: { 'p.log': held.split('\n').slice(0, -2).join('\n') },
    flags: ['truncated'],
    words: ['p.log', 'total'],
    safe: 'at-least',
  },
  {
    name: 'a log cut off within its summary line',
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
    name: 'a producer with a full buffer and a constant rate',
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
    name: 'a complete and a truncated result in one file',
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
    name: 'latencies at the maximum of the histogram',
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
    name: 'a workload name that states another rate',
    files: { 'r.json': ombResult({ workload: '100-partitions-200K-rate-4-producer' }) },
    flags: ['name-contradicts-figures'],
    words: ['200,000 msg/s', '50,0'],
    safe: 'unknown',
  },
  {
    name: 'a load that stopped early',
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
    flags: ['limit-cause-unknown'],
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
    name: 'consumer intervals of length zero',
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
    name: 'a histogram log with a truncated last line',
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
    name: 'CPU metrics without a number of cores',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'vmstat.txt': `procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC\n${[0, 10, 20, 30, 40].map((second) => ` 1  0      0 100 100 100    0    0   128     0   94  144  5  1 94  0  0 2026-11-20 12:00:${String(second).padStart(2, '0')}`).join('\n')}\n`,
    },
    flags: ['cores-unknown'],
    words: ['vmstat.txt', '--cores vmstat='],
    safe: 'unknown',
  },
];

describe('reads damaged files and reports the damage', () => {
  test.each(flagged)('$name', ({ flags, words = [], safe, ...row }) => {
    const { findings, safeMaxTps, run } = analyse(row);
    const codes = findings.map(({ code }) => code);
    for (const flag of flags) expect(codes).toContain(flag);
    const messages = findings.map(({ message }) => message).join('\n');
    for (const phrase of words) expect(messages).toContain(phrase);
    expect(safeMaxTps.kind).toBe(safe);
    if (safeMaxTps.kind === 'at-least') expect(safeMaxTps.tps).toBeLessThan(51_000);
    expect(run.sources?.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ''))).toBe(true);
  });
});
