// Sums the intervals of each step for the progress line and the result of the command.

import type { Percentiles } from '../../core/documents/analysis.ts';
import { defined } from '../../core/defined.ts';
import { judgeGenerator, type Calibration, type GeneratorLimit } from '../../core/documents/generator-calibration.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { createLatencySum, slowestOf, type LatencySum } from '../../core/statistics/latency-sum.ts';

export interface StepSummary {
  /** Absent in a closed loop. */
  targetTps?: number;
  /** Acknowledged messages per second of the step. */
  achievedTps: number;
  /** Messages due, and messages acknowledged. */
  intendedSends?: number;
  acknowledgedSends?: number;
  failedSends: number;
  /** Messages given up by the load generator because they could not be sent in time; absent if none. */
  droppedSends?: number;
  /** Present if a worker was lost: its messages were no longer due, so fewer were intended than planned. */
  hasLostWorker?: true;
  /**
   * Times from intended to acknowledged, from sent to acknowledged, from planned to sent, and from intended to consumed
   * by the slowest group.
   */
  latencySeconds?: Percentiles & { p95?: number };
  serviceSeconds?: Percentiles;
  sendDelaySeconds?: Percentiles;
  endToEndSeconds?: Percentiles;
  /** Maximum error of end-to-end times through clock differences between machines; absent with a single clock. */
  endToEndErrorSeconds?: number;
  /** Messages acknowledged and not yet consumed by the slowest group, at the end of the step; absent without groups. */
  lagMessages?: number;
  /** Traffic of other producers on the cluster in messages per second; absent if not measured. */
  backgroundTps?: number;
  /** For a closed loop: outstanding sends, and their number computed as rate × mean latency (Little's law). */
  lanes?: { open: number; byLittlesLaw?: number };
  /** Reasons why figures reflect the load generator as much as the cluster; absent if there are none. */
  generatorLimits?: GeneratorLimit[];
}

/** Summary of a time in which perhaps no producer reported: its rate is then absent. */
export type IntervalSummary = Omit<StepSummary, 'achievedTps'> & Partial<Pick<StepSummary, 'achievedTps'>>;

/** Dropped messages count as failed, because they reached no broker either. */
export const failedMessagesOf = ({ failedSends, droppedSends = 0 }: StepSummary): number => failedSends + droppedSends;

export interface StepTarget {
  targetTps?: number | undefined;
  lanes?: number | undefined;
}

export type StepSum = ReturnType<typeof createStepSum>;

/** @param calibration calibration of the load generator; without it, only the workers' own load is judged */
export function createStepSum({ targetTps, lanes }: StepTarget, calibration?: Calibration) {
  const latency = createLatencySum();
  const service = createLatencySum();
  const sendDelay = createLatencySum();
  const endToEndByGroup = new Map<string, LatencySum>();
  /** Acknowledged messages and interval seconds per worker: each worker adds its share of the rate. */
  const producers = new Map<string, { acknowledged: number; seconds: number }>();
  /** Producer and consumer threads: a consumer thread without free CPU causes lag, as a slow cluster does. */
  const threads = new Map<string, { seconds: number; cpu: number; busy: number }>();
  let intendedSends = 0;
  let acknowledgedSends = 0;
  let failedSends = 0;
  let droppedSends = 0;
  const background = { messages: 0, seconds: 0 };
  /** Time span of the intervals of all workers. */
  const span = { from: Infinity, to: -Infinity };
  let hasLostWorker = false;

  /** After a loss, uses the common time span: per worker, a share that moved would count twice. */
  const rateOf = (workers: readonly { acknowledged: number; seconds: number }[]) =>
    hasLostWorker && span.to > span.from
      ? acknowledgedSends / (span.to - span.from)
      : workers.reduce((total, { acknowledged, seconds }) => total + acknowledged / seconds, 0);

  return {
    add(line: JournalLine): void {
      if (line.kind === 'worker-lost') hasLostWorker = true;
      if (line.kind === 'background') {
        background.messages += line.messagesPerSecond * line.intervalSeconds;
        background.seconds += line.intervalSeconds;
      }
      if (line.kind !== 'produced' && line.kind !== 'consumed') return;
      const thread = getOrMake(threads, line.worker, () => ({ seconds: 0, cpu: 0, busy: 0 }));
      thread.seconds += line.intervalSeconds;
      thread.cpu += line.cpuSeconds;
      thread.busy += line.eventLoopUtilisation * line.intervalSeconds;
      if (line.kind === 'consumed') {
        getOrMake(endToEndByGroup, line.group, createLatencySum).add(line.endToEnd);
        return;
      }
      latency.add(line.latency);
      if (line.service !== undefined) service.add(line.service);
      sendDelay.add(line.sendDelay);
      intendedSends += line.intended;
      acknowledgedSends += line.acknowledged;
      failedSends += line.failed;
      span.from = Math.min(span.from, line.elapsedSeconds - line.intervalSeconds);
      span.to = Math.max(span.to, line.elapsedSeconds);
      droppedSends += line.dropped ?? 0;
      const producer = getOrMake(producers, line.worker, () => ({ acknowledged: 0, seconds: 0 }));
      producer.acknowledged += line.acknowledged;
      producer.seconds += line.intervalSeconds;
    },
    summary(): StepSummary {
      const achievedTps = rateOf([...producers.values()]);
      const workers = [...threads.values()];
      const [latencySeconds, serviceSeconds, sendDelaySeconds] = [latency, service, sendDelay].map((sum) =>
        sum.percentiles(),
      );
      const endToEndSeconds = slowestOf(endToEndByGroup.values());
      const mean = latency.mean();
      const generatorLimits = judgeGenerator(
        {
          targetTps,
          lanes,
          achievedTps,
          serviceSeconds,
          workerCpu: Math.max(0, ...workers.map(({ cpu, seconds }) => cpu / seconds)),
          eventLoopUtilisation: Math.max(0, ...workers.map(({ busy, seconds }) => busy / seconds)),
        },
        calibration,
      );
      return {
        ...defined({ targetTps }),
        achievedTps,
        intendedSends,
        acknowledgedSends,
        failedSends,
        ...(droppedSends > 0 && { droppedSends }),
        ...(hasLostWorker && { hasLostWorker: true as const }),
        ...defined({ latencySeconds, serviceSeconds, sendDelaySeconds, endToEndSeconds }),
        ...(background.seconds > 0 && { backgroundTps: background.messages / background.seconds }),
        ...(lanes !== undefined && {
          lanes: { open: lanes, ...(mean !== undefined && { byLittlesLaw: achievedTps * mean }) },
        }),
        ...(generatorLimits.length > 0 && { generatorLimits }),
      };
    },
  };
}
