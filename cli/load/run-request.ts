// Reads the requested load test from the command line.

import { lineWriter } from '../../app/caller.ts';
import { configArgs } from '../../app/observe/named-cluster.ts';
import type { RunCaller, RunRequest } from '../../app/load-test/run-request.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { hasColours } from '../command-line.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { isGiven } from '../command.ts';
import { createRunProgress } from '../run-progress.ts';
import { workloadValues, type RunIo, type RunOptions } from './run-options.ts';

/** Options other than what is sent and where; a resumed run takes those from its bundle. */
const settled = new Set(['config', 'resume', 'json', 'accept-blind', 'dry-run', 'cluster']);

const ofCleanUp = new Set(['config', 'cleanup', 'confirm', 'json']);

/** @throws AppError usage */
export function runRequestOf({ positionals, options }: Pick<RunIo, 'positionals' | 'options'>): RunRequest {
  refuseWithResume({ positionals, options });
  return {
    cluster: options.cluster,
    configFile: options.config,
    workload: workloadFile(positionals, options),
    values: workloadValues(options),
    out: options.out,
    degraded: options.degraded,
    predictedBy: options['predicted-by'],
    acceptBlind: options['accept-blind'],
    resume: options.resume,
    calibrate: wantsCalibration(options),
    skipDeliveryCheck: options['no-delivery-check'],
    keepTopic: options['keep-topic'],
  };
}

/** Shows the progress of a run on standard error. */
export function runCallerOf({ stderr, environment, signal, clock }: Omit<RunIo, 'options'>): RunCaller {
  return {
    environment,
    signal,
    clock,
    tell: lineWriter({ stderr }),
    onProgress: createRunProgress(stderr, {
      colours: hasColours(stderr, environment),
      isPlain: !knowsUnicode(environment),
    }),
  };
}

/** @throws AppError usage for options that a clean-up would ignore, such as --dry-run */
export function refuseWithCleanUp(io: Pick<RunIo, 'positionals' | 'options'>): void {
  const requested = requestedBeside(ofCleanUp, io);
  if (requested === undefined) return;
  throw new AppError('usage', `${requested} cannot be combined with --cleanup: nothing was deleted`, {
    hint: 'without --confirm, --cleanup lists what it would delete, and deletes only after a confirmation',
  });
}

function refuseWithResume(io: Pick<RunIo, 'positionals' | 'options'>): void {
  const { options } = io;
  if (options.resume === undefined) return;
  const requested = requestedBeside(settled, io);
  if (requested === undefined) return;
  throw new AppError('usage', `${requested} cannot be combined with --resume: a resumed run keeps its settings`, {
    hint: `plimsoll run --resume ${quotedWord(options.resume)}${configArgs(options.config)}`,
  });
}

/** @returns the first argument or option that is not in `allowed` */
function requestedBeside(
  allowed: ReadonlySet<string>,
  { positionals, options }: Pick<RunIo, 'positionals' | 'options'>,
): string | undefined {
  const other = Object.entries(options).find(([name, value]) => isGiven(value) && !allowed.has(name))?.[0];
  return positionals.length > 0 ? positionals[0] : other && `--${other}`;
}

function workloadFile([word, another]: readonly string[], { workload: named }: RunOptions): string | undefined {
  if (another !== undefined || (word !== undefined && named !== undefined)) {
    throw new AppError('usage', `two workload files given: ${word} and ${another ?? named}`);
  }
  return word ?? named;
}

function wantsCalibration({ calibrate, 'no-calibration': none }: RunOptions): boolean | undefined {
  if (calibrate && none) throw new AppError('usage', '--calibrate and --no-calibration exclude each other');
  return none ? false : calibrate ? true : undefined;
}
