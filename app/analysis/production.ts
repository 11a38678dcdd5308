// Analyzes production over a time window, from the metrics of a monitoring system.

import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import { leastWindowSeconds } from '../config/service.ts';
import type { NamedSource } from './telemetry-source.ts';
import type { Caller } from '../caller.ts';
import { zonedMs } from '../../core/local-moment.ts';

const longestStepSeconds = 900;

/** Times as typed: ISO 8601 with a zone, or relative such as now-7d. */
interface ProductionRequest {
  cluster?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  step?: string | undefined;
}

/** @throws AppError usage */
export function readWindow(options: ProductionRequest, now: Date) {
  const { from: begin, to: end, step = '1m' } = options;
  if (typeof begin !== 'string') {
    throw new AppError('usage', '--from is missing: production metrics need a window', {
      hint: 'write --from now-7d, or --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z',
    });
  }
  const [from, to] = [readMoment('from', begin, now), typeof end === 'string' ? readMoment('to', end, now) : now];
  const parsed = Duration.safeParse(step);
  if (!parsed.success) throw new AppError('usage', `--step ${step}: ${parsed.error.issues[0]?.message}`);
  if (to > now) throw new AppError('usage', `--to ${String(end)} is in the future`);
  if (to < from) {
    throw new AppError('usage', `the window from ${from.toISOString()} to ${to.toISOString()} ends before it begins`, {
      hint: 'give the earlier time with --from',
    });
  }
  if (to.getTime() - from.getTime() < leastWindowSeconds * 1000) {
    throw new AppError('usage', `the window from ${from.toISOString()} to ${to.toISOString()} is shorter than 4 h`, {
      hint: 'use several days, so that peaks are included: --from now-7d',
    });
  }
  if (parsed.data < 1 || parsed.data > longestStepSeconds) {
    throw new AppError('usage', `--step ${step} is not between 1s and 15m`, {
      hint: 'the p99 of utilisation is computed over these intervals; use 1m or less to see peaks',
    });
  }
  return { from, to, stepSeconds: parsed.data, coarserIfNeeded: options.step === undefined };
}

const day = /^\d{4}-\d\d-\d\d$/;

/** A date alone is midnight UTC, so that the result does not depend on the local time zone. */
function readMoment(option: string, text: string, now: Date): Date {
  const [, ago] = /^(?:now)?-(.+)$/.exec(text) ?? [];
  if (text === 'now') return now;
  if (ago !== undefined) {
    const length = Duration.safeParse(ago);
    if (length.success) return new Date(now.getTime() - length.data * 1000);
  }
  const ms = day.test(text) ? Date.parse(text) : zonedMs(text);
  if (!Number.isNaN(ms)) return new Date(ms);
  throw new AppError('usage', `--${option} ${JSON.stringify(text)} is not a time`, {
    hint: 'write 2026-11-01T00:00:00+08:00, 2026-11-01T00:00:00Z, 2026-11-01 (midnight UTC), or now-7d (units: s, m, h, d)',
  });
}

/** @throws AppError usage, not-found and errors of the source */
export async function analyseProduction(
  { name, source }: NamedSource,
  request: ProductionRequest,
  policy: Policy,
  io: Pick<Caller, 'signal' | 'clock'> & { progress(share: number): void },
): Promise<Analysis> {
  const { signal, clock, progress } = io;
  const { cluster } = request;
  const wanted = { ...readWindow(request, clock.now()), ...(cluster !== undefined && { cluster }) };
  const telemetry = await readTelemetry(source, wanted, { signal, clock, name, progress });
  progress(1);
  return analyzeProduction(telemetry, { cluster: cluster ?? name }, policy);
}
