// Runs one change as an operator does, and detects the start of a step.

import { setTimeout as delay } from 'node:timers/promises';
import { withSetClock } from '../set-clock.ts';
import { startCli, type CliResult } from '../run-cli.ts';
import type { Step } from './scenario.ts';

/** The wall clock of the process follows a file; its monotonic clock is unchanged. */
export const withClockFile = (file: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...withSetClock,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
});

/** Manual action of an operator on request of the change; each time in another process of the change. */
export interface ByHand {
  sign: RegExp;
  act(): Promise<unknown>;
}

export function watchedChange(
  words: readonly string[],
  environment = process.env,
  { byHand = [] }: { byHand?: readonly ByHand[] } = {},
) {
  const { child, ended } = startCli(words, environment);
  let text = '';
  let result: CliResult | undefined;
  const left = new Set(byHand);
  let acting: Promise<unknown> = Promise.resolve();
  child.stderr?.on('data', (chunk) => {
    text += String(chunk);
    for (const hand of left) {
      if (!hand.sign.test(text)) continue;
      left.delete(hand);
      acting = acting.then(hand.act);
    }
  });
  ended.then(
    (value) => (result = value),
    () => undefined,
  );
  return {
    child,
    /** Also waits for the requested action of the operator. */
    ended: ended.then(async (value) => {
      await acting;
      return value;
    }),
    /** Resolves after the step has begun and the delay has passed. @returns whether the change was still in progress */
    async at({ sign }: Step, seconds: number): Promise<boolean> {
      while (result === undefined && !text.includes(sign)) await delay(20);
      await delay(1000 * seconds);
      return result === undefined;
    },
    isOver: () => result !== undefined,
    text: () => text,
  };
}

/** Matches if both processes executed steps at the same time. A process that finds the goal reached needs no lease. */
export const bothAtOnce = /^the second operator began a step .*under way/;

/** Starts the same change as another operator while the first is in progress. @returns how it ended */
export async function secondOf(
  words: readonly string[],
  first: ReturnType<typeof watchedChange>,
  seconds: number,
): Promise<string> {
  const begins = /^step 1 of /m;
  const whenNow = () =>
    first.isOver()
      ? 'once the first was over'
      : begins.test(first.text())
        ? 'while the first was under way'
        : 'before the first began a step';
  let when: string | undefined;
  const second = watchedChange(words, process.env, {
    byHand: [{ sign: begins, act: async () => void (when = whenNow()) }],
  });
  const ended = await within(second, seconds);
  const did = begins.test(ended?.stderr ?? '') ? 'began a step and ended' : 'ended';
  const error = /^error: (.*)/m.exec(ended?.stderr ?? '')?.[1];
  return `the second operator ${did} with ${ended?.exitCode} ${when ?? whenNow()}${error === undefined ? '' : `: ${error}`}`;
}

/** @returns the result, or undefined if the process exceeded the time; it is then killed */
export async function within(
  change: ReturnType<typeof watchedChange>,
  seconds: number,
): Promise<CliResult | undefined> {
  const result = await Promise.race([change.ended, delay(1000 * seconds, undefined)]);
  if (result === undefined) change.child.kill('SIGKILL');
  return result;
}
