// Checks that damaged and wrong files are rejected with the file, the position and a remedy.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import {
  ombResult,
  producerPerfLog,
  rocketmqConsumerLog,
  rocketmqProducerLog,
  sarCpu,
} from '../../../../support/load-test-files.ts';
import {
  type Row,
  analyse,
  columns,
  consumerHead,
  held,
  hlogHead,
  noon,
  result,
} from '../../../../support/broken-inputs.ts';

const perFile = (values: Record<string, number>) => ({ byFile: new Map(Object.entries(values)) });

interface Refused extends Row {
  code: string;
  /** Required parts of message or hint. */
  words: readonly string[];
}

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
    name: 'a binary recording of sar',
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
    name: 'a truncated gzip',
    files: { 'a.log.gz': gzipSync(held).subarray(0, 120) },
    code: 'load-test-unreadable',
    words: ['a.log.gz', 'gzip', 'copy it again'],
  },
  {
    name: 'UTF-16 without a byte order mark',
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
    name: 'a line that is too long',
    files: { 'a.log': `${held}${'x'.repeat(20_000)}\n` },
    code: 'load-test-unreadable',
    words: ['a.log', 'line 10', '20000 characters'],
  },
  {
    name: 'a truncated result',
    files: { 'r.json': result.slice(0, result.length / 2) },
    code: 'load-test-unreadable',
    words: ['r.json', 'closing brace', 'copy it again'],
  },
  {
    name: 'a result followed by text',
    files: { 'r.json': `${result}\ndone\n` },
    code: 'load-test-unreadable',
    words: ['r.json', 'line', 'done'],
  },
  {
    name: 'a result that is nested too deeply',
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
    name: 'a result with invalid JSON',
    files: { 'r.json': result.replace('"driver": ', '"driver" ') },
    code: 'load-test-unreadable',
    words: ['r.json', 'not JSON'],
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
    words: ['small.log', '128 B', 'large.log', '1024 B', 'separately'],
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
    name: 'a consumer without a valid number',
    files: { 'c.csv': `${consumerHead}\n2026-11-20 12:00:00:000, 2026-11-20 12:00:00:000, NaN, NaN, 0, NaN\n` },
    code: 'load-test-unreadable',
    words: ['c.csv', 'no row'],
  },
  {
    name: 'readings eight hours away from the load',
    files: { 'p.log': rocketmqProducerLog({ rate: 9000 }, noon), 'sar.txt': sarCpu({ seconds: 90, from: '20:00:00' }) },
    options: { timezone: 'UTC' },
    code: 'readings-unreadable',
    words: ['sar.txt', '2026-11-20T20:00:01', '2026-11-20T12:00:00', '--clock-offset sar.txt='],
  },
  {
    name: 'a consumer eight hours away from the producer',
    files: {
      'p.log': rocketmqProducerLog({ rate: 9000 }, noon),
      'c.log': rocketmqConsumerLog({ rate: 9000 }, noon + 8 * 3600_000),
    },
    code: 'load-test-unreadable',
    words: ['p.log', '2026-11-20T12:00:00', 'c.log', '2026-11-20T20:00:00', '--clock-offset c.log='],
  },
  {
    name: 'producers on two different days',
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
    name: 'a file with local time and a file with absolute time',
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
    name: 'a result with local time and a start in UTC',
    files: { 'w-Kafka-2026-11-20-12-02-00.json': result, 'p.log': held },
    options: { starts: perFile({ 'p.log': noon }) },
    code: 'usage',
    words: ['--timezone', 'w-Kafka-2026-11-20-12-02-00.json'],
  },
  {
    name: 'an unknown time zone',
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
    name: 'a table with decreasing times',
    files: { 't.csv': 'time,rate\n1700000000,10\n1700000010,10\n1700000005,10\n' },
    options: { columns },
    code: 'load-test-unreadable',
    words: ['t.csv', 'row 3', 'sort it'],
  },
  {
    name: 'a table with an invalid time',
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
    name: 'host readings without a load',
    files: { 'sar.txt': sarCpu({ seconds: 60, from: '12:00:00' }) },
    code: 'load-test-unreadable',
    words: ['sar.txt', 'none of', 'produced'],
  },
  {
    name: 'an invalid histogram',
    files: { 'h.hlog': `${hlogHead}0.000,1.000,1.000,HISTFAAAAnotzlib\n0.000,1.000,1.000,HISTFAAAAnotzlib\n` },
    code: 'load-test-unreadable',
    words: ['h.hlog', 'line 3', 'histogram'],
  },
  {
    name: 'a generator host without a file',
    files: { 'p.log': held },
    options: { generatorHost: 'load-1' },
    code: 'not-found',
    words: ['load-1', 'no machine'],
  },
];

describe('rejects invalid files with the file, the position and a remedy', () => {
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
