// Parses `--from` and `--to`: wall clock or uptime of the JVM.

import { AppError } from '../../core/errors.ts';
import type { Bound, TimeWindow } from '../../gc/report/time-window.ts';
import type { CommandIo } from '../command.ts';

/** @throws AppError usage */
export function windowOf(options: CommandIo['options']): TimeWindow {
  const from = boundOf(options, 'from');
  const to = boundOf(options, 'to');
  if (from !== undefined && to !== undefined && leavesNothing(from, to)) {
    throw new AppError('usage', `--from ${String(options['from'])} is not before --to ${String(options['to'])}`);
  }
  return { ...(from && { from }), ...(to && { to }) };
}

/** One by the clock and one by the age of the JVM may leave something. */
const leavesNothing = (from: Bound, to: Bound): boolean =>
  from.kind === 'clock'
    ? to.kind === 'clock' && to.epochMs <= from.epochMs
    : to.kind === 'uptime' && to.seconds <= from.seconds;

function boundOf(options: CommandIo['options'], name: string): Bound | undefined {
  const text = options[name];
  if (typeof text !== 'string') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return { kind: 'uptime', seconds: Number(text) };
  const epochMs = Date.parse(text);
  if (!Number.isNaN(epochMs) && /(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return { kind: 'clock', epochMs };
  throw new AppError('usage', `--${name}: ${JSON.stringify(text)} is neither a time with a zone nor seconds`, {
    hint: 'write it like 2026-01-01T12:00:00+08:00, or 3600 for one hour after the JVM started',
  });
}
