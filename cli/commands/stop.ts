// Implements `plimsoll stop`: stops a running load test on this machine.

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isResumable } from '../../app/load-test/resumed-run.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { bundleClaim } from '../../loadgen/execute/control/bundle-claim.ts';
import { isUnderWay, readControlFile, type ControlDocument } from '../../loadgen/execute/control/control-file.ts';
import { stopFileName } from '../../loadgen/guard/stop-file-input.ts';
import { defineCommand, flag, text } from '../command.ts';

const bundles = 'runs';
const answerMilliseconds = 3000;

export const stopCommand = defineCommand({
  positionals: '[RUN]',
  options: {
    reason: text('TEXT', 'reason, recorded in the journal of the run'),
    json: flag('print the result as one JSON document'),
  },
  examples: ['plimsoll stop', 'plimsoll stop runs/20260618-010000-ab12 --reason "orders are slow"'],

  async run({ positionals, options, stdout, signal }) {
    const directory = positionals[0] ?? (await findRunning());
    const control = await readControlFile(directory);
    if (control === undefined) {
      throw new AppError('not-found', `no load test is running in ${directory}`, {
        hint: 'give the folder of the run; `plimsoll run` prints it first',
      });
    }
    if ((await stateOf(directory, control)) === 'ended') {
      const run = `${quotedWord(directory)}${control.configArgs ?? ''}`;
      const cleaned = `\`plimsoll run --cleanup ${run}\` deletes the topics it created`;
      const resumable = await isResumable(directory, { signal }).catch(
        ignoreFault('a bundle that cannot be read is not resumed'),
      );
      throw new AppError(
        'not-found',
        `the load test of ${directory} was interrupted: its process ${control.pid} no longer runs`,
        {
          hint: resumable === true ? `\`plimsoll run --resume ${run}\` continues it, ${cleaned}` : cleaned,
        },
      );
    }
    const reason = typeof options.reason === 'string' ? options.reason : '';
    const how = await stopOverHttp(control, reason, signal).catch(() => stopByFile(directory, reason));
    stdout.write(
      options.json
        ? `${JSON.stringify({ schemaVersion: 1, run: { directory }, stopped: how })}\n`
        : `stopping the load of ${directory}${how === 'file' ? ', by a file that it checks four times a second' : ''}\n`,
    );
  },
});

/** @throws AppError not-found; usage if there are several */
async function findRunning(): Promise<string> {
  const found = await readdir(bundles, { withFileTypes: true }).catch(
    ignoreFault('without the folder no run is active'),
  );
  const folders = (found ?? []).filter((entry) => !entry.isFile()).map(({ name }) => join(bundles, name));
  const running: string[] = [];
  // A killed run, or a damaged file, must not prevent the stop of another run.
  const skipped: string[] = [];
  for (const folder of folders) {
    try {
      const control = await readControlFile(folder);
      if (control === undefined) continue;
      const state = await stateOf(folder, control);
      if (state === 'running') running.push(folder);
      else skipped.push(state === 'ended' ? `; ${folder} was interrupted` : `; ${folder} may run in another container`);
    } catch (cause) {
      skipped.push(`; ${(cause as Error).message}`);
    }
  }
  const [only, ...others] = running;
  if (only === undefined) {
    throw new AppError('not-found', `found no running load test in ${bundles}/${skipped.join('')}`, {
      hint: 'give the folder of the run if it is elsewhere',
    });
  }
  if (others.length > 0) {
    throw new AppError('usage', `which one? several load tests are running: ${running.join(', ')}${skipped.join('')}`);
  }
  return only;
}

/** In another container the pid belongs to another process or to none; the stop file still reaches the run. */
async function stateOf(directory: string, control: ControlDocument): Promise<'running' | 'ended' | 'unknown'> {
  const { kind } = await bundleClaim(directory);
  if (kind !== 'unclaimed') return kind;
  return isUnderWay(control) ? 'running' : 'ended';
}

async function stopOverHttp({ url, token }: ControlDocument, reason: string, signal: AbortSignal): Promise<'http'> {
  const response = await fetch(`${url}/stop`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: reason,
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`HTTP ${response.status}`);
  return 'http';
}

async function stopByFile(directory: string, reason: string): Promise<'file'> {
  await writeFile(join(directory, stopFileName), `${reason}\n`);
  return 'file';
}
