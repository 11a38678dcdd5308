// Imports the OpenMessaging Benchmark log: a line every 10 s, and the workload file, which contains the target rate.

import { defined } from '../../../../core/defined.ts';
import type { Percentiles } from '../../../../core/documents/analysis.ts';
import { ignoreFault } from '../../../../core/errors.ts';
import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadTestImporter,
  type LoadWindow,
} from './load-test-importer.ts';
import { brokerOfDriver, readWorkloadName, countsFromSend } from './omb-fields.ts';
import { rowSpans } from './row-spans.ts';
import { linesOf, readFigure, type TextLine, unreadableLoad } from './text-lines.ts';
import type { Span } from '../../load-test-run.ts';

/*
 * 22:03:29.199 [main] INFO - Pub rate 50175.1 msg/s /  4.8 MB/s | Pub err     0.0 err/s | Cons rate 50175.2 msg/s /  4.8 MB/s | Backlog:  0.0 K |
 *     Pub Latency (ms) avg:  3.5 - 50%:  1.9 - 99%: 39.8 - 99.9%: 52.3 - Max: 55.4 | Pub Delay Latency (us) avg: …      on one line
 * --------------- WORKLOAD : NAME --- DRIVER : NAME---------------     ----- Starting warm-up traffic (1m) ------
 * ----- Starting benchmark traffic (15m)------                         ----- Aggregated Pub Latency (ms) avg: … - 95%: … - 99.99%: … - Max: …
 * Workloads: { "name" : { "messageSize" : 1024, "producerRate" : 50000, … } }     over several lines
 * Early versions print no Pub err and no delay, and `Mb/s`. From WorkloadGenerator and Benchmark of openmessaging/benchmark.
 */
const tool = 'OpenMessaging Benchmark (log)';
const usualSeconds = 10;
const daySeconds = 86_400;

export const ombLog = {
  tool,
  reads:
    'all releases: the same, and the target rate if the log has the workload; times of day, of which only lengths are used',
  detect: (head) => /Pub rate\s{1,20}[\d.,]{1,20} msg\/s/.test(head),

  import({ text }) {
    const log = new LogFold();
    for (const line of linesOf(text, tool)) log.add(line);
    const loads = log.finish();
    if (loads.length === 0) throw unreadableLoad(tool, 'no lines of the measured time found, only of the warm-up');
    return loads.length === 1 ? loads : loads.map((load, index) => ({ ...load, part: `workload ${index + 1}` }));
  },
} satisfies LoadTestImporter;

interface Planned {
  name?: string;
  messageSize?: unknown;
  producerRate?: unknown;
  topics?: unknown;
  partitionsPerTopic?: unknown;
  subscriptionsPerTopic?: unknown;
}

type Sample = NonNullable<ReturnType<typeof sampleOf>>;

class LogFold {
  readonly #loads: ImportedLoad[] = [];
  readonly #planned = new Map<string, Planned>();
  #json: string[] | undefined;
  #workload: string | undefined;
  #driver: string | undefined;
  #samples: Sample[] = [];
  #isWarmUp = false;
  #isWarm = false;

  add({ text: line, isTorn }: TextLine): void {
    if (this.#json !== undefined) return this.#addJson(line);
    if (line.includes('Workloads: {')) {
      this.#json = ['{'];
      return;
    }
    const [, workload, driver] = /WORKLOAD : (.{1,200}) --- DRIVER : (.{1,60}?)-{3}/.exec(line) ?? [];
    if (workload !== undefined) {
      this.#end(undefined);
      [this.#workload, this.#driver] = [workload, driver];
      this.#isWarm = true;
    } else if (line.includes('Starting warm-up traffic')) {
      this.#isWarmUp = true;
    } else if (line.includes('Starting benchmark traffic')) {
      this.#samples = [];
      this.#isWarmUp = false;
      this.#isWarm = true;
    } else if (line.includes('Aggregated Pub Latency (ms)')) {
      if (this.#isWarmUp) this.#samples = [];
      else this.#end(line);
    } else {
      const sample = isTorn ? undefined : sampleOf(line);
      if (sample && !this.#isWarmUp) this.#samples.push(sample);
    }
  }

  #addJson(line: string): void {
    this.#json?.push(line);
    if (!line.startsWith('}') && (this.#json?.length ?? 0) < 10_000) return;
    try {
      const workloads = JSON.parse(this.#json?.join('\n') ?? '') as Record<string, Planned | null>;
      for (const [key, planned] of Object.entries(workloads))
        if (planned) this.#planned.set(planned.name ?? key, planned);
    } catch (fault) {
      ignoreFault('a log that was cut here keeps its other figures')(fault);
    }
    this.#json = undefined;
  }

  #end(aggregated: string | undefined): void {
    if (this.#samples.length > 0) {
      const planned =
        this.#planned.get(this.#workload ?? '') ??
        (this.#planned.size === 1 ? [...this.#planned.values()][0] : undefined);
      const [workload, driver, isWarm] = [this.#workload, this.#driver, this.#isWarm];
      this.#loads.push(importedLoad(this.#samples, { workload, driver, planned, aggregated, isWarm }));
    }
    this.#samples = [];
  }

  finish(): ImportedLoad[] {
    this.#end(undefined);
    return this.#loads;
  }
}

function sampleOf(line: string) {
  const at = line.indexOf('Pub rate');
  if (at < 0) return undefined;
  const parts = line
    .slice(at)
    .split(' | ')
    .map((part) => part.trim());
  const value = (pattern: RegExp) =>
    readFigure(parts.map((part) => pattern.exec(part)?.[1]).find((word) => word !== undefined));
  const publishRate = value(/^Pub rate\s{1,20}(\S{1,30}) msg\/s/);
  if (publishRate === undefined) return undefined;
  const [, hours, minutes, seconds] = /(?:^|\s)(\d\d):(\d\d):(\d\d(?:[.,]\d{1,6})?)\s/.exec(line.slice(0, at)) ?? [];
  const backlog = value(/^Backlog:\s{1,20}(\S{1,30}) K$/);
  return {
    secondOfDay:
      hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + (readFigure(seconds) ?? 0),
    publishRate,
    errorRate: value(/^Pub err\s{1,20}(\S{1,30}) err\/s$/) ?? 0,
    consumeRate: value(/^Cons rate\s{1,20}(\S{1,30}) msg\/s/),
    backlog: backlog === undefined ? undefined : backlog * 1000,
    meanMs: value(/^Pub Latency \(ms\) avg:\s{1,20}(\S{1,30})/),
  };
}

function importedLoad(
  samples: readonly Sample[],
  report: {
    workload: string | undefined;
    driver: string | undefined;
    planned: Planned | undefined;
    aggregated: string | undefined;
    isWarm: boolean;
  },
): ImportedLoad {
  const { spans, doubts: ofTimes } = rowSpans(timesOf(samples), usualSeconds);
  const messages = (rate: number, index: number) => rate * ((spans[index]?.to ?? 0) - (spans[index]?.from ?? 0));
  const groups = positive(report.planned?.subscriptionsPerTopic) ?? 1;
  const produced = samples.map(({ publishRate, errorRate, meanMs }, index): LoadWindow => ({
    ...(spans[index] as Span),
    messages: messages(publishRate, index),
    failed: messages(errorRate, index),
    ...(meanMs !== undefined && { meanLatencySeconds: meanMs / 1000 }),
  }));
  const consumed = samples.flatMap(({ consumeRate }, index): LoadWindow[] =>
    consumeRate === undefined ? [] : [{ ...(spans[index] as Span), messages: messages(consumeRate, index) / groups }],
  );
  const named = readWorkloadName(report.workload ?? '');
  const rate = positive(report.planned?.producerRate);
  const partitions = positive(report.planned?.partitionsPerTopic);
  const { aggregated } = report;
  const { doubts, doubt } = collectDoubts({ flag: 'coordinated-omission', what: countsFromSend }, ...ofTimes);
  if (aggregated === undefined)
    doubt('truncated', [
      'its line of aggregated latencies is missing: the run was stopped or its log cut',
      '缺少汇总延迟一行：压测被停止，或日志被截断',
    ]);
  if (!report.isWarm) doubt('no-warm-up', ['the end of its warm-up is unknown', '预热何时结束未知']);
  return {
    ...defined({ broker: brokerOfDriver(report.driver), cluster: report.driver }),
    begins: { kind: 'unknown' },
    produced,
    consumed: consumed.some((window) => window.messages > 0) ? new Map([[unnamedGroup, consumed]]) : new Map(),
    ...(rate !== undefined
      ? { offered: { tps: rate } }
      : named.offeredTps !== undefined && {
          offered: { tps: named.offeredTps, fromName: report.workload ?? '' },
        }),
    isWarm: report.isWarm,
    ...defined({ latencySeconds: aggregated === undefined ? undefined : percentilesOf(aggregated) }),
    // Like the consumed messages, the backlog is the sum over all subscriptions.
    backlog: samples.flatMap(({ backlog }, index) =>
      backlog === undefined || backlog < 0 ? [] : [{ atSeconds: spans[index]?.to ?? 0, messages: backlog / groups }],
    ),
    ...(aggregated === undefined && { isTruncated: true }),
    workload: {
      ...named.workload,
      ...defined({
        messageBytes: positive(report.planned?.messageSize),
        partitions: partitions === undefined ? undefined : partitions * (positive(report.planned?.topics) ?? 1),
      }),
      ...(report.planned && { groups }),
    },
    doubts,
  };
}

/** @returns seconds on a clock that continues at midnight; if the log's clock was set back, it advances by the usual distance */
function timesOf(samples: readonly Sample[]): number[] {
  const times: number[] = [];
  for (const [index, { secondOfDay }] of samples.entries()) {
    const before = samples[index - 1]?.secondOfDay;
    const distance = secondOfDay === undefined || before === undefined ? usualSeconds : secondOfDay - before;
    const passed = distance < -daySeconds / 2 ? distance + daySeconds : distance;
    times.push((times.at(-1) ?? 0) + (passed > 0 ? passed : usualSeconds));
  }
  return times;
}

const positive = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 1 ? Math.round(value) : undefined;

function percentilesOf(line: string): Percentiles | undefined {
  const publish = line.slice(line.indexOf('Aggregated Pub Latency')).split(' | ')[0] ?? '';
  const values = new Map<string, number>();
  for (const part of publish.split(' - ')) {
    const [, name, word] = /(?<![\d.])(50%|99%|99\.9%|Max):\s{1,20}(\S{1,30})$/.exec(part.trim()) ?? [];
    const figure = readFigure(word);
    if (name !== undefined && figure !== undefined && !values.has(name)) values.set(name, figure / 1000);
  }
  const [p50, p99, p999, max] = ['50%', '99%', '99.9%', 'Max'].map((name) => values.get(name));
  if (p50 === undefined || p99 === undefined || p999 === undefined || max === undefined) return undefined;
  return { p50, p99, p999, max };
}
