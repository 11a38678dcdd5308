// Imports result files of the OpenMessaging Benchmark in all versions, recognised by their fields.

import { z } from 'zod';
import { defined } from '../../../../core/defined.ts';
import type { ReadNote } from '../../../../core/documents/findings/import-findings.ts';
import { jsonDocuments } from './json-documents.ts';
import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadTestImporter,
  type LoadWindow,
  type PrintedBegin,
} from './load-test-importer.ts';
import {
  latenciesOf,
  latencyDoubts,
  lateMilliseconds,
  number,
  brokerOfDriver,
  readWorkloadName,
} from './omb-fields.ts';
import { unreadableLoad } from './text-lines.ts';

/*
 * One element of each list per 10 s of the measured time, or per sampleRateMillis.
 * 2017        workload, driver, publishRate, publishLatency…; no consumer figures
 * until 2022  + consumeRate, backlog (may be negative), endToEndLatency…; size and rates are in the name, if at all
 * since 2022  + messageSize, topics, partitions (per topic), producersPerTopic, consumersPerTopic, publishErrorRate,
 *             publishDelayLatency… in microseconds, although latencies are milliseconds
 * Redpanda    + beginTime, endTime, sampleRateMillis, sent, consumed, publishFailed (counts), scheduleLatency… in milliseconds
 * Vanlightly  + producerRate, subscriptionsPerTopic
 * From TestResult of openmessaging/benchmark, redpanda-data/openmessaging-benchmark and Vanlightly/openmessaging-benchmark-custom.
 */
const tool = 'OpenMessaging Benchmark';

/** Time that the framework's WorkloadGenerator sleeps between two samples. */
const usualSampleSeconds = 10;

const figure = z
  .union([z.number(), z.string(), z.null()])
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined));
const series = z.array(figure).max(1_000_000);

const Result = z.looseObject({
  workload: z.string().optional(),
  driver: z.string().optional(),
  publishRate: series,
  consumeRate: series.optional(),
  sent: series.optional(),
  consumed: series.optional(),
  backlog: series.optional(),
  publishErrorRate: series.optional(),
  publishFailed: series.optional(),
  publishLatencyAvg: series.optional(),
  publishLatencyMax: series.optional(),
  publishDelayLatencyMax: series.optional(),
  scheduleLatencyMax: series.optional(),
  sampleRateMillis: z.number().positive().optional(),
  endTime: z.string().optional(),
  messageSize: z.number().nonnegative().optional(),
  topics: z.number().optional(),
  partitions: z.number().optional(),
  producerRate: z.number().optional(),
  subscriptionsPerTopic: z.number().optional(),
});
type Result = z.infer<typeof Result>;

export const ombJson = {
  tool: `${tool} (JSON)`,
  reads:
    '2017, 2017–2022, since 2022, forks of Redpanda and Vanlightly: produced, consumed, failed, percentiles, send delay; its end, local, by `endTime` or the file name',
  detect: (head) => /^\s*\{/.test(head) && /"(?:publishRate|aggregatedPublishLatency\w{1,20})"\s*:/.test(head),

  import({ name, text }) {
    const documents = jsonDocuments(text, tool);
    const whole = documents.filter(({ value }) => value !== undefined);
    if (whole.length === 0) {
      throw unreadableLoad(tool, `it ends before its closing brace, after ${text.length} characters`, {
        hint: 'copy it again: it is written at the end of a run, and this one is cut off',
      });
    }
    return whole.map(({ value, line }, index) => {
      const parsed = Result.safeParse(value);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw unreadableLoad(tool, `${issue?.path.join('.') ?? 'document'}: ${issue?.message ?? 'not as expected'}`, {
          line,
        });
      }
      const load = importedLoad(parsed.data, value as Record<string, unknown>, whole.length === 1 ? name : '');
      const { doubts, doubt } = collectDoubts(...load.doubts);
      if (documents.length > 1) {
        doubt('concatenated', [
          `it contains ${documents.length} results, and this is number ${index + 1}`,
          `包含 ${documents.length} 份结果，这是第 ${index + 1} 份`,
        ]);
      }
      if (whole.length < documents.length) {
        doubt('truncated', [
          `the result that begins in line ${documents.at(-1)?.line} is cut off and left out`,
          `从第 ${documents.at(-1)?.line} 行开始的结果不完整，已略去`,
        ]);
      }
      return { ...load, doubts, ...(documents.length > 1 && { part: `result ${index + 1}` }) };
    });
  },
} satisfies LoadTestImporter;

function importedLoad(result: Result, all: Record<string, unknown>, fileName: string): ImportedLoad {
  const seconds = result.sampleRateMillis === undefined ? usualSampleSeconds : result.sampleRateMillis / 1000;
  const { doubts, doubt } = collectDoubts();
  const count = (rates: Result['publishRate'] | undefined, counts: Result['sent'], index: number) => {
    const rate = rates?.[index];
    return counts?.[index] ?? (rate === undefined ? undefined : rate * seconds);
  };
  const span = (index: number) => ({ from: index * seconds, to: (index + 1) * seconds });
  const produced = result.publishRate.flatMap((_, index): LoadWindow[] => {
    const messages = count(result.publishRate, result.sent, index);
    if (messages === undefined || messages < 0) return [];
    const failed = count(result.publishErrorRate, result.publishFailed, index) ?? 0;
    const mean = result.publishLatencyAvg?.[index];
    return [
      {
        ...span(index),
        messages,
        failed: Math.max(0, failed),
        ...(mean !== undefined && { meanLatencySeconds: mean / 1000 }),
      },
    ];
  });
  const left = result.publishRate.length - produced.length;
  if (left > 0)
    doubt('truncated', [
      `${left} of ${result.publishRate.length} samples of publishRate are no number (NaN, Infinity) and are left out`,
      `publishRate 的 ${result.publishRate.length} 个采样中有 ${left} 个不是数字（NaN、Infinity），已略去`,
    ]);
  if (result.publishRate.length === 0)
    doubt('truncated', ['publishRate is empty: nothing was measured', 'publishRate 为空：没有测量数据']);
  const named = readWorkloadName(result.workload ?? '');
  const fields = fieldsOf(result);
  const { groups, windows, note } = consumersOf(result, produced, seconds, count);
  const latencies = latenciesOf(all);
  const { delay, latencySeconds, endToEndSeconds } = latencies;
  doubts.push(...latencyDoubts(result, latencies));
  const negative = (result.backlog ?? []).filter((messages) => messages !== undefined && messages < 0);
  if (negative.length > 0) {
    const lowest = negative.reduce<number>((least, messages) => Math.min(least, messages ?? 0), 0);
    doubts.push({
      flag: 'negative-backlog',
      what: [
        `its backlog is below zero in ${negative.length} of ${result.backlog?.length ?? 0} samples (lowest ${lowest}), because it counts sends and receipts at different moments: it is not used`,
        `${result.backlog?.length ?? 0} 个采样中有 ${negative.length} 个的 backlog 为负（最低 ${lowest}），因为发送和接收不在同一时刻统计：不使用该数据`,
      ],
      evidence: [{ name: 'lowest backlog', value: lowest, unit: 'messages', source: 'backlog' }],
    });
  }
  // Like the consumed messages, the backlog is the sum over all subscriptions.
  const backlog =
    negative.length > 0
      ? []
      : (result.backlog ?? []).flatMap((messages, index) =>
          messages === undefined ? [] : [{ atSeconds: span(index).to, messages: messages / groups }],
        );
  const mean = number(all['aggregatedPublishLatencyAvg']);
  const broker = brokerOfDriver(result.driver);
  const offeredField = result.producerRate !== undefined && result.producerRate > 0 ? result.producerRate : undefined;
  const fromName = Object.keys(named.workload).filter((key) => !Object.hasOwn(fields, key));
  const notes: ReadNote[] = [];
  if (fromName.length > 0)
    notes.push({ kind: 'read-from-name', keys: fromName, name: result.workload?.slice(0, 100) ?? '' });
  if (note !== undefined) notes.push(note);
  if (result.driver !== undefined && broker === undefined)
    notes.push({ kind: 'other-driver', driver: result.driver.slice(0, 60) });
  return {
    ...defined({ broker, cluster: result.driver?.slice(0, 60) }),
    begins: beginOf(result.endTime ?? fileName, result.publishRate.length * seconds),
    produced,
    consumed: windows,
    ...(offeredField !== undefined
      ? { offered: { tps: offeredField } }
      : named.offeredTps !== undefined && {
          offered: { tps: named.offeredTps, fromName: result.workload?.slice(0, 100) ?? '' },
        }),
    isWarm: true,
    ...defined({ latencySeconds, endToEndSeconds }),
    ...(mean !== undefined && { latencyMeanSeconds: mean / 1000 }),
    ...(delay && delay.p50 * 1000 <= lateMilliseconds && { sendDelaySeconds: delay }),
    backlog,
    workload: { ...named.workload, ...fields, ...(windows.size > 0 && { groups }) },
    notes,
    doubts,
  };
}

function fieldsOf({ messageSize, partitions, topics, workload }: Result): ImportedLoad['workload'] {
  return {
    ...(messageSize !== undefined && messageSize >= 1 && { messageBytes: Math.round(messageSize) }),
    // The count is per topic.
    ...(partitions !== undefined &&
      partitions >= 1 && { partitions: Math.round(partitions) * Math.max(1, Math.round(topics ?? 1)) }),
    ...(workload !== undefined && { topic: workload.slice(0, 100) }),
  };
}

/** consumeRate is the sum over all subscriptions. */
function consumersOf(
  { consumeRate, consumed, subscriptionsPerTopic }: Result,
  produced: readonly LoadWindow[],
  seconds: number,
  count: (rates: Result['publishRate'] | undefined, counts: Result['sent'], index: number) => number | undefined,
): { groups: number; windows: Map<string, readonly LoadWindow[]>; note?: ReadNote } {
  const all = (consumeRate ?? []).flatMap((_, index): LoadWindow[] => {
    const messages = count(consumeRate, consumed, index);
    return messages === undefined ? [] : [{ from: index * seconds, to: (index + 1) * seconds, messages }];
  });
  const sum = (windows: readonly LoadWindow[]) => windows.reduce((total, { messages }) => total + messages, 0);
  const ratio = sum(produced) > 0 ? sum(all) / sum(produced) : 0;
  const isStated = subscriptionsPerTopic !== undefined && subscriptionsPerTopic >= 1;
  const groups = isStated ? Math.round(subscriptionsPerTopic) : Math.max(1, Math.round(ratio));
  if (all.length === 0 || sum(all) === 0) return { groups, windows: new Map() };
  const windows = new Map([[unnamedGroup, all.map((window) => ({ ...window, messages: window.messages / groups }))]]);
  if (isStated || groups === 1) return { groups, windows };
  return { groups, windows, note: { kind: 'subscriptions', consumedRatio: ratio, subscriptions: groups } };
}

/** `…2024-02-08-10-51-41.json`, as endTime: end of the last sample, on the clock of the driver's host. */
function beginOf(text: string, seconds: number): PrintedBegin {
  const [, day, hours, minutes, rest] =
    /(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)(?:\.json)?$/.exec(text.slice(-60)) ?? [];
  const endMs = day === undefined ? Number.NaN : Date.parse(`${day}T${hours}:${minutes}:${rest}Z`);
  return Number.isNaN(endMs) ? { kind: 'unknown' } : { kind: 'local', wallMs: endMs - seconds * 1000 };
}
