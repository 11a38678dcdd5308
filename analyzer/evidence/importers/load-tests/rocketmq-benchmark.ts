// Imports the lines that a RocketMQ benchmark program prints every 10 s, by label, because the layout keeps changing.

import { defined } from '../../../../core/defined.ts';
import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadTestImporter,
  type LoadWindow,
  type PrintedBegin,
} from './load-test-importer.ts';
import { rowSpans } from './row-spans.ts';
import { linesOf, readFigure, readWallClock, unreadableLoad } from './text-lines.ts';

/*
 * 4.0  Send TPS: 43185 Max RT: 259 Average RT:   0.231 Send Failed: 0 Response Failed: 0
 *      Consume TPS: 9 Average(B2C) RT: 1.000 Average(S2C) RT: 1.000 MAX(B2C) RT: 9 MAX(S2C) RT: 9
 * 4.7  TPS: 9 FAIL: 0 AVG(B2C) RT: …        4.8  Current Time: EPOCH-MS Send TPS: 9 Max RT(ms): 9 Average RT(ms): …
 * 5.1  Current Time: 2024-01-31 12:00:00,123 | Send TPS: 9 | Max RT(ms): 9 | …
 * batch    Send TPS counts batches, Send MPS messages       [Complete] Send Total: 9 | Send TPS: 9 | …   for the last ten seconds
 * heading  topic: T threadCount: 64 messageSize: 128 keyEnable: false … asyncEnable: false     one or several lines
 *          topic: T, threadCount 20, group: G, suffix: false, filterType: null, …              for a consumer; until 4.7 `prefix`
 * TPS covers the last nine seconds; Max RT of a producer, and failures, cover the time since the start.
 * From org.apache.rocketmq.example.benchmark of apache/rocketmq, 4.0 to 5.5.
 */
const tool = 'RocketMQ benchmark';

/** Longest first, because shorter labels are suffixes of longer ones. */
const labels = [
  'Current Time',
  'Average Message RT',
  'Send Message Failed',
  'Response Failed',
  'Average(B2C) RT',
  'Average(S2C) RT',
  'Consume Fail',
  'Consume TPS',
  'AVG(B2C) RT',
  'AVG(S2C) RT',
  'MAX(B2C) RT',
  'MAX(S2C) RT',
  'Average RT',
  'Send Failed',
  'Send Total',
  'Send TPS',
  'Send MPS',
  'AVG RT',
  'Max RT',
  'FAIL',
  'TPS',
] as const;
type Label = (typeof labels)[number];

/** For lines without a time: the programs print every ten seconds by default (-ri). */
const usualSeconds = 10;

export const rocketmqBenchmark = {
  tool,
  reads:
    'producer, consumer, batches, timers, transactions of 4.0–4.7, 4.8–5.0 and since 5.1: produced or consumed, failed, threads, size; no times until 4.7, then instants, local since 5.1',
  detect: (head) => /(?:Send|Consume)? ?TPS: {0,10}\d{1,15}[ |,]/.test(head) && /RT(?:\(ms\))?: {0,10}\d/.test(head),

  import({ text }) {
    const loads: ImportedLoad[] = [];
    let heading = new Map<string, string>();
    let printed: Printed[] = [];
    let isComplete = false;
    const finish = (): void => {
      if (printed.length > 0) loads.push(importedLoad(printed, heading, isComplete));
      [printed, isComplete] = [[], false];
    };
    for (const { text: line, isTorn } of linesOf(text, tool)) {
      const fields = headingOf(line);
      if (fields.size > 0) {
        if (printed.length > 0) {
          finish();
          heading = new Map();
        }
        for (const [name, value] of fields) heading.set(name, value);
      } else if (line.includes('[Complete]')) {
        isComplete = true;
      } else {
        const one = printedOf(line);
        // In a line that is cut off, the last figure may be cut off, too.
        if (one === undefined || isTorn) continue;
        if (printed[0] && printed[0].isConsumer !== one.isConsumer) {
          throw unreadableLoad(tool, 'it holds lines of a producer and of a consumer', {
            hint: 'give the output of each in a separate file',
          });
        }
        printed.push(one);
      }
    }
    finish();
    if (loads.length === 0) throw unreadableLoad(tool, 'no complete line of figures found');
    return loads.length === 1 ? loads : loads.map((load, index) => ({ ...load, part: `test ${index + 1}` }));
  },
} satisfies LoadTestImporter;

type Printed = NonNullable<ReturnType<typeof printedOf>>;

function headingOf(line: string): Map<string, string> {
  const found = new Map<string, string>();
  if (line.includes('TPS:')) return found;
  for (const name of [
    'topic',
    'threadCount',
    'messageSize',
    'asyncEnable',
    'batchSize',
    'group',
    'prefix',
    'suffix',
    'transactionCheckCount',
  ]) {
    const [, value] = new RegExp(`(?:^|[ ,|])${name}:? {0,3}([^ ,|]{1,200})`).exec(line) ?? [];
    if (value !== undefined && line.includes(`${name}: `)) found.set(name, value);
  }
  return found;
}

function printedOf(line: string) {
  const fields = labelled(line);
  const batch = readFigure(fields.get('Send MPS'));
  const produced = batch ?? readFigure(fields.get('Send TPS'));
  const tps = produced ?? readFigure(fields.get('Consume TPS') ?? fields.get('TPS'));
  if (tps === undefined || tps < 0) return undefined;
  const isConsumer = produced === undefined;
  // For batches, failed messages count, not failed sends.
  const failed =
    batch === undefined
      ? (['Send Failed', 'Response Failed', 'Consume Fail', 'FAIL'] as const)
      : (['Send Message Failed'] as const);
  return {
    isConsumer,
    at: timeOf(fields.get('Current Time')),
    tps,
    meanMs: isConsumer ? undefined : readFigure(fields.get('Average RT') ?? fields.get('AVG RT')),
    /** Count since the start; for consumers, since the previous line. */
    failed: failed.reduce((sum, label) => sum + (readFigure(fields.get(label)) ?? 0), 0),
  };
}

/** Returns the text after each label, up to the next label or a separator. */
function labelled(line: string): Map<Label, string> {
  const found: { label: Label; at: number; from: number }[] = [];
  for (const label of labels) {
    const at = line.indexOf(label);
    if (at < 0) continue;
    const unit = line.startsWith('(ms)', at + label.length) ? 4 : 0;
    const from = at + label.length + unit;
    if (line[from] === ':' && !found.some((other) => at >= other.at && at < other.from))
      found.push({ label, at, from: from + 1 });
  }
  found.sort((a, b) => a.at - b.at);
  return new Map(
    found.map(({ label, from }, index) => [
      label,
      line
        .slice(from, found[index + 1]?.at ?? line.length)
        .replace(/[|,\s]{1,20}$/, '')
        .trim()
        .split(' | ')[0] ?? '',
    ]),
  );
}

function timeOf(word: string | undefined): { kind: 'instant' | 'local'; ms: number } | undefined {
  if (word === undefined) return undefined;
  if (/^\d{13}$/.test(word)) return { kind: 'instant', ms: Number(word) };
  const ms = readWallClock(word);
  return ms === undefined ? undefined : { kind: 'local', ms };
}

function importedLoad(
  printed: readonly Printed[],
  heading: ReadonlyMap<string, string>,
  isComplete: boolean,
): ImportedLoad {
  const { windows, begins, isAssumed, doubts: ofTimes } = timed(printed);
  const { doubts, doubt } = collectDoubts(...ofTimes);
  const isConsumer = printed[0]?.isConsumer === true;
  const lanes = count(heading.get('threadCount'));
  const isAsync = heading.get('asyncEnable') === 'true';
  const messageBytes = count(heading.get('messageSize'));
  const topic = heading.get('topic');
  if (isAssumed)
    doubt('no-time-stamps', [
      `its lines have no time stamps and are assumed to be ${usualSeconds} s apart`,
      `各行没有时间戳，按相隔 ${usualSeconds} 秒处理`,
    ]);
  if (!isConsumer) {
    doubt('no-warm-up', [
      'its results include connecting and warm-up, and so does the highest latency of every line',
      '数据包含建立连接和预热，其影响一直保留在最高延迟中',
    ]);
    doubt('coordinated-omission', [
      'each thread waits for its response before it sends again: during a pause one message per thread is late, and not all that were due',
      '每个线程收到响应后才继续发送：停顿时每个线程只有一条消息变慢，而不是全部应发的消息',
    ]);
    doubt('coarse-latency', [
      'it reports means and a maximum in whole milliseconds, and no percentile',
      '只有毫秒精度的平均值和最大值，没有百分位数',
    ]);
    doubt(
      'client-bound',
      isAsync
        ? [
            'one thread sends while fewer than 10,000 responses are outstanding: it has no target rate',
            '单个线程在未收到的响应少于 10,000 个时持续发送：没有目标速率',
          ]
        : [
            `it is a closed loop${lanes === undefined ? '' : ` of ${lanes} threads`}: the rate is threads divided by latency, and there is no target rate`,
            `闭环压测${lanes === undefined ? '' : `（${lanes} 个线程）`}：速率等于线程数除以延迟，没有目标速率`,
          ],
    );
    if (!isComplete)
      doubt('truncated', [
        'it has no end: it was stopped, as it is without -q',
        '没有结束行：进程被停止（未使用 -q 时即如此）',
      ]);
  }
  return {
    broker: 'rocketmq',
    begins,
    produced: isConsumer ? [] : windows,
    consumed: isConsumer ? new Map([[groupOf(heading), windows]]) : new Map(),
    ...(!isConsumer && { closedLoop: defined({ lanes: isAsync ? undefined : lanes }) }),
    isWarm: false,
    workload: defined({ messageBytes, topic }),
    doubts,
  };
}

/** With `prefix: true`, the default until 4.7, or `suffix: true`, the group ends in a number that changes with each start. */
function groupOf(heading: ReadonlyMap<string, string>): string {
  const isNumbered = [heading.get('prefix'), heading.get('suffix')].includes('true');
  return (isNumbered ? undefined : heading.get('group')) ?? unnamedGroup;
}

function count(word: string | undefined): number | undefined {
  return word !== undefined && /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
}

function timed(printed: readonly Printed[]) {
  const isAssumed = printed.some(({ at }) => at === undefined);
  const lines = isAssumed ? printed : advancing(printed);
  const start = lines[0]?.at;
  const times = lines.map(({ at }, index) =>
    isAssumed ? index * usualSeconds : ((at?.ms ?? 0) - (start?.ms ?? 0)) / 1000,
  );
  const { spans, usualSeconds: firstSeconds, doubts } = rowSpans(times, usualSeconds);
  const windows = spans.flatMap(({ from, to }, index): LoadWindow[] => {
    const [before, line] = [lines[index - 1], lines[index]];
    if (line === undefined) return [];
    const { tps, meanMs, failed, isConsumer } = line;
    const distance = (times[index] ?? 0) - (times[index - 1] ?? 0);
    // Failures while lines are missing are counted in this line, and are excluded together with their messages.
    const share = before === undefined ? 1 : (to - from) / distance;
    return [
      {
        from,
        to,
        messages: tps * (to - from),
        failed: isConsumer ? failed : Math.round(share * Math.max(0, failed - (before?.failed ?? 0))),
        ...(meanMs !== undefined && { meanLatencySeconds: meanMs / 1000 }),
      },
    ];
  });
  const beginMs = (start?.ms ?? 0) - firstSeconds * 1000;
  const begins: PrintedBegin =
    isAssumed || start === undefined
      ? { kind: 'unknown' }
      : start.kind === 'instant'
        ? { kind: 'instant', epochMs: beginMs }
        : { kind: 'local', wallMs: beginMs };
  return { windows, begins, isAssumed, doubts };
}

/** If the clock stopped or went back, there is no interval. */
function advancing(printed: readonly Printed[]): Printed[] {
  const kept: Printed[] = [];
  for (const line of printed) {
    if ((line.at?.ms ?? 0) > (kept.at(-1)?.at?.ms ?? Number.NEGATIVE_INFINITY)) kept.push(line);
  }
  return kept;
}
