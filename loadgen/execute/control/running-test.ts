// Provides the status document and the metrics page of a running load test.

import { defined } from '../../../core/defined.ts';
import type { LatencyPercentiles } from '../../../core/statistics/latency-sum.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { Utilisation } from '../../record/utilisation.ts';
import type { WatchedLimit } from '../../../core/documents/watched-limit.ts';
import type { Guard } from '../../guard/guard.ts';
import type { RunProgress } from '../../record/progress.ts';
import { createRunPage, type RunIdentity } from './run-page.ts';

type Times = Partial<LatencyPercentiles> | undefined;

/** Unknown values are absent. */
export interface RunStatus {
  schemaVersion: 1;
  run: RunIdentity & { directory: string };
  state: 'starting' | 'warm-up' | 'driving' | 'between-steps' | 'stopped' | 'ended';
  elapsedSeconds?: number;
  leftSeconds?: number;
  /** Counted from 1. */
  step?: number;
  steps?: number;
  targetTps?: number;
  /** Figures of the last second. */
  achievedTps?: number;
  latencySeconds?: Times;
  sendDelaySeconds?: Times;
  endToEndSeconds?: Times;
  /** Totals since the start, over all workers. */
  messages: { intended: number; sent: number; acknowledged: number; failed: number; dropped: number; consumed: number };
  lagMessages?: number;
  busiest?: Utilisation;
  guard: {
    state: 'watching' | 'breached';
    breaches: readonly GuardBreach[];
    /** Absent in a run that an older version started. */
    limits?: readonly WatchedLimit[];
  };
}

type GuardBreach = Omit<Extract<JournalLine, { kind: 'guard' }>, 'kind'>;
type SecondProgress = Extract<RunProgress, { kind: 'second' }>;

/** Limit of breaches kept: a search may exceed its limits many times. */
const keptBreaches = 20;

export function createRunningTest({
  directory,
  groups,
  limits,
  ...identity
}: RunIdentity & { directory: string; groups: readonly string[] } & Pick<Guard, 'limits'>) {
  const page = createRunPage(identity, groups);
  const messages = { intended: 0, sent: 0, acknowledged: 0, failed: 0, dropped: 0, consumed: 0 };
  const breaches: GuardBreach[] = [];
  let state: RunStatus['state'] = 'starting';
  let second: SecondProgress | undefined;

  return {
    observe(line: JournalLine): void {
      page.add(line);
      if (line.kind === 'warm-up-started') state = 'warm-up';
      if (line.kind === 'step-started') state = 'driving';
      if (line.kind === 'step-ended') state = 'between-steps';
      if (line.kind === 'run-ended') state = 'ended';
      if (line.kind === 'consumed') messages.consumed += line.messages;
      if (line.kind === 'produced') {
        for (const name of ['intended', 'sent', 'acknowledged', 'failed'] as const) messages[name] += line[name];
        messages.dropped += line.dropped ?? 0;
      }
      if (line.kind !== 'guard') return;
      const { kind: _, ...breach } = line;
      breaches.push(breach);
      if (breaches.length > keptBreaches) breaches.shift();
      if (line.ends === 'run') state = 'stopped';
    },
    tell(progress: RunProgress): void {
      if (progress.kind === 'second') second = progress;
    },
    status: (): RunStatus => ({
      schemaVersion: 1,
      run: { ...identity, directory },
      state,
      ...(second && secondOf(second)),
      messages: { ...messages },
      guard: { state: breaches.length > 0 ? 'breached' : 'watching', breaches: [...breaches], limits: limits() },
    }),
    metrics: page.render,
  };
}

function secondOf({ elapsedSeconds, leftSeconds, step, steps, interval, lagMessages, busiest }: SecondProgress) {
  const { targetTps, achievedTps, latencySeconds, sendDelaySeconds, endToEndSeconds } = interval;
  return defined({
    elapsedSeconds,
    leftSeconds,
    step,
    steps,
    targetTps,
    achievedTps,
    latencySeconds,
    sendDelaySeconds,
    endToEndSeconds,
    lagMessages,
    busiest,
  });
}
