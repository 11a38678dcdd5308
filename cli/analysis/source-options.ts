// Declares the options of an analysis that reads a monitoring system, and of one that grades a prediction.

import { AppError } from '../../core/errors.ts';
import type { CommandIo } from '../command.ts';
import { text } from '../option.ts';

export const sourceOptions = {
  prometheus: text(
    'URL',
    'read host and broker metrics from this Prometheus: of the time of the run, or with --from of production',
  ),
  source: text('NAME', 'read them from this entry of `sources` in the config file'),
};

export const productionOptions = {
  from: text('TIME', 'start of the production window: ISO 8601 with a zone, or now-7d'),
  to: text('TIME', 'end of the production window: ISO 8601 with a zone, or now-1h (default now)'),
  step: text('TIME', 'interval of the production metrics (default 1m, or longer for long windows)'),
};

export const gradeOption = {
  grade: text(
    'RUN',
    'for a run with --degraded: compare the prediction of this earlier run or analysis with it (default: the one of --predicted-by)',
  ),
} as const;

/** @throws AppError usage: a run has its own time */
export function refuseProductionOptions(options: CommandIo['options']): void {
  const given = Object.keys(productionOptions).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new AppError('usage', `--${given} is for production metrics and cannot be combined with a run or files`, {
    hint: 'write plimsoll analyze --prometheus URL --cluster NAME --from now-7d',
  });
}
