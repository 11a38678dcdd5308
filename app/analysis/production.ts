// Analyzes production over a time window: `plimsoll analyze --prometheus URL --cluster C`.

import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import type { CommandIo } from '../../cli/command.ts';
import { text } from '../../cli/option.ts';
import { progressBar } from '../../cli/progress-bar.ts';
import { progressLine } from '../../cli/progress-line.ts';
import { askedSource } from './telemetry-source.ts';

export const productionOptions = {
  from: text('TIME', 'start of the production window: ISO 8601 with a zone, or now-7d'),
  to: text('TIME', 'end of the production window: ISO 8601 with a zone, or now-1h (default now)'),
  step: text('TIME', 'interval of the production metrics (default 1m, or longer for long windows)'),
};

/** Traffic of an hour has few levels, and a quarter of an hour is one. */
const leastWindowSeconds = 4 * 3600;
const longestStepSeconds = 900;

export interface Asked {
  from: Date;
  to: Date;
  stepSeconds: number;
  /** Nobody asked for a step. */
  coarserIfNeeded: boolean;
}

/** @throws AppError usage */
export function readWindow(options: CommandIo['options'], now: Date): Asked {
  const { from: begin, to: end, step = '1m' } = options;
  if (typeof begin !== 'string') {
    throw new AppError('usage', '--from is missing: production metrics need a window', {
      hint: 'write --from now-7d, or --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z',
    });
  }
  const [from, to] = [readMoment('from', begin, now), typeof end === 'string' ? readMoment('to', end, now) : now];
  const parsed = Duration.safeParse(step);
  if (!parsed.success) throw new AppError('usage', `--step ${String(step)}: ${parsed.error.issues[0]?.message}`);
  if (to > now) throw new AppError('usage', `--to ${String(end)} is in the future`);
  if (to.getTime() - from.getTime() < leastWindowSeconds * 1000) {
    throw new AppError('usage', `the window from ${from.toISOString()} to ${to.toISOString()} is shorter than 4 h`, {
      hint: 'use several days, so that peaks are included: --from now-7d',
    });
  }
  if (parsed.data < 1 || parsed.data > longestStepSeconds) {
    throw new AppError('usage', `--step ${String(step)} is not between 1s and 15m`, {
      hint: 'the p99 of use is taken of these intervals: 1m or less shows peaks best',
    });
  }
  return { from, to, stepSeconds: parsed.data, coarserIfNeeded: options['step'] === undefined };
}

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)$/;
const day = /^\d{4}-\d\d-\d\d$/;

/** A day alone is its begin in UTC: what is asked must not hang on whose machine asks. */
function readMoment(option: string, text: string, now: Date): Date {
  const [, ago] = /^(?:now)?-(.+)$/.exec(text) ?? [];
  if (text === 'now') return now;
  if (ago !== undefined) {
    const length = Duration.safeParse(ago);
    if (length.success) return new Date(now.getTime() - length.data * 1000);
  }
  const ms = zoned.test(text) || day.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms);
  throw new AppError('usage', `--${option} ${JSON.stringify(text)} is not a time`, {
    hint: 'write 2026-11-01T00:00:00+08:00, 2026-11-01T00:00:00Z, 2026-11-01 (midnight UTC), or now-7d',
  });
}

/** @throws AppError usage: a run has its own time */
export function refuseProductionOptions(options: CommandIo['options']): void {
  const given = Object.keys(productionOptions).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new AppError('usage', `--${given} is for production metrics and cannot be combined with a run or files`, {
    hint: 'write plimsoll analyze --prometheus URL --cluster NAME --from now-7d',
  });
}

/** @throws AppError usage, not-found and what the source throws */
export async function analyseProduction(io: CommandIo, policy: Policy): Promise<Analysis> {
  const { options, stderr, signal, clock } = io;
  const asking = readWindow(options, clock.now());
  const asked = await askedSource(options, signal);
  if (asked === undefined) {
    throw new AppError('usage', 'no metrics source: give --prometheus URL, or --source NAME of the config file');
  }
  const { name, source } = asked;
  const { cluster } = options;
  const line = progressLine(stderr);
  const progress = (share: number) => {
    if (!stderr.isTerminal) return;
    const bar = progressBar(share, stderr.columns, { isPlain: io.environment['TERM'] === 'dumb' });
    line.show([`reading ${name}`, bar, `${Math.round(100 * share)}%`].filter(Boolean).join(' '));
  };
  const named = typeof cluster === 'string' ? { cluster } : {};
  try {
    const telemetry = await readTelemetry(source, { ...asking, ...named }, { signal, clock, name, progress });
    progress(1);
    return analyzeProduction(telemetry, { cluster: typeof cluster === 'string' ? cluster : name }, policy);
  } finally {
    line.clear();
  }
}
