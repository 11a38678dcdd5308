// Collects the measurements of a trial: figures for its criteria, and evidence of limits.

import { generatorLimitText, type Calibration } from '../../core/documents/generator-calibration.ts';
import { defined } from '../../core/defined.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import {
  generatorHostsOf,
  type TelemetryEnvironment,
  type TelemetryRecord,
} from '../../core/documents/evidence/telemetry.ts';
import { messagesPerSecond, ratio } from '../../core/units.ts';
import { seconds } from '../../core/clock.ts';
import type { HostUse, LimitJudge, ReachedLimit, TrafficLine, TrialEvidence } from '../../core/limit-judge.ts';
import type { TrialFigures } from './criteria/trial-figures.ts';
import { createLatencySum } from '../../core/statistics/latency-sum.ts';
import type { RunProgressSum } from '../record/run-progress-sum.ts';
import type { Breach, Trial } from './trial.ts';
import { createStepSum, failedMessagesOf } from '../record/step-summary.ts';
import { meanOf, watchUtilisation, type TimedUtilisation } from '../record/utilisation.ts';

export type TrialWatch = ReturnType<typeof watchTrials>;

interface Watched {
  trial: Trial;
  start: number;
  step: ReturnType<typeof createStepSum>;
  sendDelay: ReturnType<typeof createLatencySum>;
  backlog: number[];
  lags: Record<string, number[]>;
  /** Means over the measured seconds. */
  hosts: Map<string, TimedUtilisation>;
  lines: TrafficLine[];
  telemetry: TelemetryRecord[];
  /** Results of the last check. */
  reached?: ReachedLimit;
  uses?: readonly HostUse[];
  /** Time of the last check, in seconds of the run. */
  judgedAt: number;
  guard?: Breach;
  lostWorker?: string;
}

/**
 * Pause between two checks of the limits during a trial. Each check reads the whole trial again, so later checks are
 * rarer.
 */
const leastPauseSeconds = 5;
const mostPauseSeconds = 180;
const pauseShare = 0.1;

/** @returns seconds until the next check, by the age of the trial */
const pauseAfter = (seconds: number) => Math.min(mostPauseSeconds, Math.max(leastPauseSeconds, pauseShare * seconds));

/**
 * @param calibration calibration of the load generator; without it, only the workers' own load is judged
 * @param judgeLimits names limits inside brokers; without it, only hosts, rates and latencies are judged
 */
export function watchTrials(
  sum: RunProgressSum,
  environment: TelemetryEnvironment,
  calibration?: Calibration,
  judgeLimits?: LimitJudge,
) {
  const utilisationsOf = watchUtilisation(environment);
  const { brokers, proxyHosts = [] } = environment;
  const others = new Set([...brokers.map(({ host }) => host), ...proxyHosts]);
  const ownHosts = new Set(generatorHostsOf(environment).filter((host) => !others.has(host)));
  const ofGenerator = ({ host }: { host: string }) => ownHosts.has(host);
  let watched: Watched | undefined;
  /** Last reading of each host before the trial, which its first reading is compared with. */
  const before = new Map<string, TelemetryRecord>();
  const isWithin = (moment: number) =>
    watched !== undefined && moment >= watched.start && moment < watched.start + watched.trial.duration;

  return {
    /** @param start in seconds of the run */
    begin(trial: Trial, start: number): void {
      watched = {
        trial,
        start,
        step: createStepSum({ targetTps: trial.rate }, calibration),
        sendDelay: createLatencySum(),
        backlog: [],
        lags: {},
        hosts: new Map(),
        lines: [],
        telemetry: [...before.values()],
        judgedAt: start,
      };
    },
    add(line: JournalLine): void {
      if (line.kind === 'error' && judgeLimits && isWithin(line.elapsedSeconds)) watched?.lines.push(line);
      if (line.kind === 'worker-lost' && watched !== undefined) {
        // The loss is noticed after seconds of silence, perhaps after the end of the trial that lacks the messages.
        watched.step.add(line);
        watched.lostWorker = line.worker;
      }
      if (line.kind !== 'produced' && line.kind !== 'consumed') return;
      if (!isWithin(line.elapsedSeconds - line.intervalSeconds / 2)) return;
      watched?.step.add(line);
      if (judgeLimits) watched?.lines.push(trafficLine(line));
      // If the broker left no room for another request, the delay is not the generator's.
      if (line.kind === 'produced' && !line.blockedSeconds) watched?.sendDelay.add(line.sendDelay);
    },
    see(records: readonly TelemetryRecord[]): void {
      for (const record of records) {
        if (judgeLimits && isWithin(record.elapsedSeconds)) watched?.telemetry.push(record);
        if (record.kind === 'host') before.set(record.host, record);
      }
      for (const seen of utilisationsOf(records)) {
        if (watched === undefined || !isWithin(records[0]?.elapsedSeconds ?? -1)) continue;
        const key = keyOf(seen);
        const earlier = watched.hosts.get(key);
        watched.hosts.set(key, { ...seen, ...meanOf(earlier === undefined ? [seen] : [earlier, seen]) });
      }
    },
    /** Call once per second, after the reports of that second. */
    tick(elapsedSeconds: number): void {
      // Reports of the first second after the start are incomplete.
      if (watched === undefined || !isWithin(elapsedSeconds - 1)) return;
      watched.backlog.push(sum.backlogMessages());
      for (const [group, lag] of sum.lags()) (watched.lags[group] ??= []).push(lag);
    },
    /** Records why the guard stopped the trial. */
    breach(breach: Breach): void {
      if (watched !== undefined) watched.guard = breach;
    },
    /** Returns the figures of the latest trial. @param drain result of draining after it */
    figures(elapsedSeconds: number, drain?: { tookSeconds: number; lagMessages: number }): TrialFigures {
      if (watched === undefined) throw new Error('no trial was started');
      const reached = lookAtLimits(watched, elapsedSeconds, drain !== undefined);
      const { trial, step, sendDelay, backlog, lags, hosts, uses = [], guard, lostWorker } = watched;
      const summary = step.summary();
      const { achievedTps, droppedSends, latencySeconds, endToEndSeconds, generatorLimits } = summary;
      // A generator limit that concerns only latency does not explain a missed rate.
      const limit = generatorLimits?.find(({ by }) => by !== 'latency');
      const lagP99 = sendDelay.percentiles()?.p99;
      const settled = new Map(uses.map((use) => [keyOf(use), { ...use, utilisation: use.mean }]));
      // The mean of the whole trial is known every second; iowait and memory only from the judge.
      const known = new Map<string, Omit<TimedUtilisation, 'seconds' | 'resource'> & Pick<HostUse, 'resource'>>(
        settled,
      );
      for (const [key, use] of hosts) known.set(key, use);
      const used = [...known].map(([key, { host, resource, utilisation }]) => ({
        host,
        resource,
        utilisation: ratio(utilisation),
        ...defined({ peak: settled.get(key)?.peak }),
      }));
      return {
        target: trial.rate,
        achieved: messagesPerSecond(achievedTps),
        duration: trial.duration,
        elapsed: withinTrial(watched, elapsedSeconds),
        failedMessages: failedMessagesOf(summary),
        ...defined({ latency: latencySeconds, endToEnd: endToEndSeconds }),
        backlog,
        lags,
        ...(drain && { drain: { took: seconds(drain.tookSeconds), left: drain.lagMessages } }),
        hosts: used.filter((each) => !ofGenerator(each)),
        generator: {
          hosts: used.filter(ofGenerator),
          ...(lagP99 !== undefined && { lagP99: seconds(lagP99) }),
          ...(droppedSends !== undefined && { dropped: droppedSends }),
          ...(limit && { limitedBy: generatorLimitText(limit) }),
          ...(lostWorker !== undefined && { limitedBy: `worker ${lostWorker} was lost` }),
        },
        ...(reached && { reached, reachedWithin: withinTrial(watched, watched.judgedAt) }),
        ...defined({ guard }),
      };
    },
  };

  function lookAtLimits(trial: Watched, elapsedSeconds: number, isOver: boolean): ReachedLimit | undefined {
    if (judgeLimits === undefined) return undefined;
    if (!isOver && elapsedSeconds - trial.judgedAt < pauseAfter(elapsedSeconds - trial.start)) return trial.reached;
    trial.judgedAt = elapsedSeconds;
    const verdict = judgeLimits(evidenceOf(trial, elapsedSeconds, environment));
    if (verdict.kind === 'reached') trial.reached = verdict;
    else delete trial.reached;
    trial.uses = verdict.hosts ?? [];
    return trial.reached;
  }
}

const keyOf = ({ host, resource }: { host: string; resource: string }) => `${host} ${resource}`;

const withinTrial = ({ trial, start }: Watched, moment: number) =>
  seconds(Math.min(trial.duration, Math.max(0, moment - start)));

function evidenceOf(
  { trial: { rate, duration }, start, lines, telemetry }: Watched,
  elapsedSeconds: number,
  environment: TelemetryEnvironment,
): TrialEvidence {
  return {
    targetTps: rate,
    from: start,
    to: Math.min(start + duration, elapsedSeconds),
    durationSeconds: duration,
    environment,
    lines,
    telemetry,
  };
}

/** @returns the line without histograms, message numbers and parts by topic */
function trafficLine(line: TrafficLine): TrafficLine {
  switch (line.kind) {
    case 'produced': {
      const { service: _service, topics: _topics, ledger: _ledger, ...kept } = line;
      return { ...kept, latency: '', sendDelay: '' };
    }
    case 'consumed': {
      const { negative: _negative, ledger: _ledger, ...kept } = line;
      return { ...kept, endToEnd: '' };
    }
    case 'error':
      return line;
  }
}
