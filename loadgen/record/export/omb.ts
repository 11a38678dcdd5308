// Exports a run in the OpenMessaging Benchmark result format (since April 2022), one document per step.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { runNamePrefix } from '../../plan/run-name-prefix.ts';
import { storedNames } from '../../plan/stored-workload.ts';
import { groupsOf } from '../../plan/workload/group-options.ts';
import type { ExportedFile, ExportedRun, ExportFormat } from './export-format.ts';
import { createStepLocator, type IntervalLine, type StepOfRun } from '../step-locator.ts';
import { createWallTime, type WallTime } from '../wall-time.ts';
import { createMergedHistogram, type MergedHistogram } from '../merged-histogram.ts';

/** Reports of the last second of a step arrive after its end was written. */
const lateSeconds = 2;

export const omb = {
  summary: 'OpenMessaging Benchmark JSON, one file per step: latency in ms, delay in us, arrays per 10 s',

  async *files(run) {
    const places = createStepLocator();
    const backlog = createBacklog();
    const wallTime = createWallTime(run.document.startedAt);
    const shape = shapeOf(run.document);
    /** Steps begun and not yet emitted; two if one ends when the next begins. */
    const open = new Map<number, OmbStep>();
    let hasUnended = false;
    let isFromIntended = false;

    const finish = (step: OmbStep): ExportedFile => {
      open.delete(step.step.index);
      isFromIntended ||= step.isFromIntended();
      return fileOf(run, shape, step, wallTime);
    };

    for await (const line of run.lines()) {
      places.add(line);
      backlog.add(line);
      if (line.kind === 'resumed') {
        for (const step of open.values()) {
          if (step.step.endSeconds < Infinity) yield finish(step);
        }
        open.clear();
      }
      wallTime.add(line);
      if (line.kind === 'produced' || line.kind === 'consumed') {
        const step = places.stepOf(line);
        if (step !== undefined && step.targetTps !== 0) {
          getOrMake(open, step.index, () => createOmbStep(step)).add(line, backlog.messages());
        }
      }
      for (const step of open.values()) {
        if (line.elapsedSeconds > step.step.endSeconds + lateSeconds) yield finish(step);
      }
    }
    for (const step of open.values()) {
      if (step.step.endSeconds === Infinity) hasUnended = true;
      else yield finish(step);
    }
    if (hasUnended) run.notice('a step that was cut off is skipped: it has no end');
    if (isFromIntended) {
      run.notice(
        'the journal has no times from sent to acknowledged: publishLatency counts from the intended moment instead',
      );
    }
  },
} satisfies ExportFormat;

/** Counts messages acknowledged and not yet consumed, summed over groups, because each group reads all messages. */
function createBacklog() {
  let acknowledged = 0;
  const consumed = new Map<string, number>();
  return {
    add(line: Parameters<ReturnType<typeof createStepLocator>['add']>[0]) {
      if (line.kind === 'produced') acknowledged += line.acknowledged;
      if (line.kind === 'consumed') consumed.set(line.group, (consumed.get(line.group) ?? 0) + line.messages);
      if (line.kind !== 'resumed') return;
      acknowledged = 0;
      consumed.clear();
    },
    messages: () => [...consumed.values()].reduce((sum, messages) => sum + Math.max(0, acknowledged - messages), 0),
  };
}

function shapeOf(document: ExportedRun['document']) {
  const { workload } = document;
  const names = storedNames(document);
  const topics = names?.mix?.length ?? names?.topics ?? 1;
  const groups = names === undefined ? [] : groupsOf(names.groups, runNamePrefix(document));
  return {
    messageSize: workload.messageBytes,
    topics,
    ...(workload.partitions !== undefined && { partitions: workload.partitions / topics }),
    ...(workload.workers !== undefined && { producersPerTopic: workload.workers }),
    consumersPerTopic: Math.max(0, ...groups.map(({ members }) => members)),
  };
}

function fileOf({ document }: ExportedRun, shape: object, step: OmbStep, wallTime: WallTime): ExportedFile {
  const { targetTps, lanes } = step.step;
  const rateName = targetTps === undefined ? `${lanes ?? 0}-lanes` : `${Number(targetTps.toFixed(1))}-rate`;
  // The format has no field for the target rate, so it becomes part of the name, as is usual.
  const workload = `${document.profile.name}-${rateName}`;
  const { acks } = document.workload;
  const driver = `${traitsOf(document.broker).displayName}${acks === undefined ? '' : `-acks-${acks}`}`;
  const text = `${JSON.stringify({ workload, driver, ...shape, ...step.document() }, undefined, 2)}\n`;
  const ended = new Date(Math.round(wallTime.at(step.endSeconds()) / 1000) * 1000).toISOString();
  const stamp = ended.slice(0, 19).replaceAll(/[T:]/g, '-');
  return { name: `${workload}-${driver}-${stamp}.json`.replaceAll(/[^\w.-]/g, '-'), text: once(text) };
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}

/** Interval at which the benchmark prints. */
const windowSeconds = 10;
/** Same as `percentiles(100)` in the benchmark. */
const quantileTicks = 100;

type OmbStep = ReturnType<typeof createOmbStep>;

/** Expects lines in journal order; a line that arrives after its window was closed counts in the next one. */
function createOmbStep(step: StepOfRun) {
  const whole = createOmbSum();
  const window = createOmbSum();
  const columns = new Map<string, number[]>();
  let open = 0;
  let backlog = 0;

  const column = (name: string) => getOrMake(columns, name, () => []);

  function closeWindow(seconds: number): void {
    column('publishRate').push(window.counts.acknowledged / seconds);
    column('publishErrorRate').push(window.counts.failed / seconds);
    column('consumeRate').push(window.counts.consumed / seconds);
    column('backlog').push(backlog);
    for (const series of Object.keys(ombSeries) as OmbSeries[]) {
      for (const [name, value] of ombFigures(series, window.histograms[series])) column(name).push(value);
    }
    window.clear();
    open += 1;
  }

  return {
    step,
    /** @param backlogMessages messages acknowledged and not yet consumed, after this line */
    add(line: IntervalLine, backlogMessages: number): void {
      const middle = line.elapsedSeconds - line.intervalSeconds / 2;
      while (middle >= step.startSeconds + (open + 1) * windowSeconds) closeWindow(windowSeconds);
      window.add(line);
      whole.add(line);
      backlog = backlogMessages;
    },
    isFromIntended: whole.isFromIntended,
    /** End of the last window in seconds of the run, from which readers count back. Valid after `document`. */
    endSeconds: (): number => step.startSeconds + open * windowSeconds,
    /** @returns the document without the fields of run.json */
    document(): Record<string, number | readonly number[] | Record<string, number>> {
      const left = step.endSeconds - step.startSeconds - open * windowSeconds;
      // Reports have a resolution of one second.
      const isWhole = left > windowSeconds - 1;
      // Readers count each window as ten seconds, so a shorter one is dropped beside complete ones.
      if (isWhole || (left >= 1 && open === 0)) closeWindow(Math.min(left, windowSeconds));
      const aggregated = Object.keys(ombSeries).flatMap((name) => {
        const series = name as OmbSeries;
        const histogram = whole.histograms[series];
        const quantiles = [...histogram.quantiles(quantileTicks)].map(
          ({ percentile, microseconds }) => [asDouble(percentile), ombSeries[series](microseconds)] as const,
        );
        return [
          ...[...ombFigures(series, histogram)].map(([key, value]) => [aggregatedKey(key), value] as const),
          [`${aggregatedKey(series)}Quantiles`, Object.fromEntries(quantiles)] as const,
        ];
      });
      return { ...Object.fromEntries(columns), ...Object.fromEntries(aggregated) };
    },
  };
}

const aggregatedKey = (key: string) => `aggregated${key.charAt(0).toUpperCase()}${key.slice(1)}`;

/** Formats like a Java double; an integer key would also change the order of keys. */
const asDouble = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** Suffixes of the benchmark's keys, with their percentiles. */
const ombPercentiles = {
  '50pct': 50,
  '75pct': 75,
  '95pct': 95,
  '99pct': 99,
  '999pct': 99.9,
  '9999pct': 99.99,
} as const;

const millisecond = 1000;

/** The benchmark's three latencies: the first and the last in milliseconds, the delay in whole microseconds. */
const ombSeries = {
  publishLatency: (microseconds: number) => microseconds / millisecond,
  publishDelayLatency: (microseconds: number) => Math.round(microseconds),
  endToEndLatency: (microseconds: number) => microseconds / millisecond,
} as const;

type OmbSeries = keyof typeof ombSeries;

/** Computes the figures of one window in the format of the OpenMessaging Benchmark. */
function createOmbSum() {
  const histograms = {
    publishLatency: createMergedHistogram(),
    publishDelayLatency: createMergedHistogram(),
    endToEndLatency: createMergedHistogram(),
  };
  const counts = { acknowledged: 0, failed: 0, consumed: 0 };
  let isFromIntended = false;
  return {
    add(line: IntervalLine): void {
      if (line.kind === 'consumed') {
        counts.consumed += line.messages;
        histograms.endToEndLatency.add(line.endToEnd);
        return;
      }
      counts.acknowledged += line.acknowledged;
      counts.failed += line.failed + (line.dropped ?? 0);
      isFromIntended ||= line.service === undefined;
      histograms.publishLatency.add(line.service ?? line.latency);
      histograms.publishDelayLatency.add(line.sendDelay);
    },
    counts: counts as Readonly<typeof counts>,
    histograms,
    /** True if an interval had no sent-to-acknowledged time, so that latency counts from the intended time. */
    isFromIntended: (): boolean => isFromIntended,
    clear(): void {
      Object.assign(counts, { acknowledged: 0, failed: 0, consumed: 0 });
      for (const histogram of Object.values(histograms)) histogram.clear();
    },
  };
}

/** @returns keys and values of one series; 0 if nothing was measured, like the benchmark */
function* ombFigures(series: OmbSeries, histogram: MergedHistogram): Iterable<readonly [string, number]> {
  const scaled = ombSeries[series];
  // The benchmark prints a mean in microseconds with decimals, unlike the percentiles.
  const mean = histogram.mean() ?? 0;
  yield [`${series}Avg`, series === 'publishDelayLatency' ? mean : scaled(mean)];
  for (const [ending, percentile] of Object.entries(ombPercentiles)) {
    yield [`${series}${ending}`, scaled(histogram.at(percentile) ?? 0)];
  }
  yield [`${series}Max`, scaled(histogram.max() ?? 0)];
}
