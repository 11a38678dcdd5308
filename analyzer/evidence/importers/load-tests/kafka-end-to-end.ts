// Imports kafka-e2e-latency: latency with one message in flight, which is a lower bound; it has no rate.

import type { ImportedLoad, LoadTestImporter } from './load-test-importer.ts';
import { linesOf, readFigure, unreadableLoad } from './text-lines.ts';

/*
 * 0	32.5117              number of the message and its latency in ms, for every thousandth message
 * Avg latency: 1.2345 ms
 * Percentiles: 50th = 1, 99th = 5, 99.9th = 20      whole milliseconds
 * From EndToEndLatency of apache/kafka.
 */
const tool = 'kafka-e2e-latency';

export const kafkaEndToEnd = {
  tool,
  reads: 'all releases: latency of one message at a time; no times',
  detect: (head) => /(?:^|\n)Avg latency: \S{1,30} ms/.test(head) || /(?:^|\n)Percentiles: 50th = /.test(head),

  import({ text }): ImportedLoad[] {
    let meanMs: number | undefined;
    let percentiles: number[] | undefined;
    let last = 0;
    let worst = 0;
    for (const { text: line, isTorn } of linesOf(text, tool)) {
      if (isTorn && !line.startsWith('Percentiles')) continue;
      const [, number, latency] = /^(\d{1,12})\t(\S{1,30})$/.exec(line) ?? [];
      if (number !== undefined) {
        last = Math.max(last, Number(number));
        worst = Math.max(worst, readFigure(latency) ?? 0);
      }
      meanMs ??= readFigure(/^Avg latency: (\S{1,30}) ms/.exec(line)?.[1]);
      const [, p50, p99, p999] =
        /^Percentiles: 50th = (\d{1,9}), 99th = (\d{1,9}), 99\.9th = (\d{1,9})/.exec(line) ?? [];
      if (p50 !== undefined) percentiles = [Number(p50), Number(p99), Number(p999)];
    }
    if (meanMs === undefined || !(meanMs > 0))
      throw unreadableLoad(tool, 'its line `Avg latency` is missing or has no time');
    const messages = last + 1;
    const seconds = (messages * meanMs) / 1000;
    const [p50 = 0, p99 = 0, p999 = 0] = percentiles ?? [];
    const max = Math.max(worst, p999);
    return [
      {
        broker: 'kafka',
        begins: { kind: 'unknown' },
        produced: [{ from: 0, to: seconds, messages, meanLatencySeconds: meanMs / 1000 }],
        consumed: new Map(),
        closedLoop: { lanes: 1 },
        isWarm: false,
        latencyMeanSeconds: meanMs / 1000,
        ...(percentiles && {
          endToEndSeconds: { p50: p50 / 1000, p99: p99 / 1000, p999: p999 / 1000, max: max / 1000 },
        }),
        ...(percentiles === undefined && { isTruncated: true }),
        workload: {},
        doubts: [
          {
            flag: 'client-bound',
            what: [
              'one message is in flight at a time: its latency is that of an idle cluster, and its rate is 1 / latency',
              '同一时刻只有一条消息在途：延迟是空闲集群的延迟，速率等于 1 / 延迟',
            ],
          },
          { flag: 'coarse-latency', what: ['its percentiles are whole milliseconds', '百分位数精确到毫秒'] },
          ...(percentiles === undefined
            ? [
                {
                  flag: 'truncated' as const,
                  what: ['its line of percentiles is missing', '缺少百分位数一行'] as const,
                },
              ]
            : []),
        ],
      },
    ];
  },
} satisfies LoadTestImporter;
