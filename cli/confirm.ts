// Confirms a change: the user types the name of the cluster as brokers report it, or passes it as an option; for a deletion, also the name.

import { createInterface } from 'node:readline/promises';
import type { Caller, CommonRequest, Output } from '../app/caller.ts';
import { AppError } from '../core/errors.ts';
import { quotedWord } from '../core/text/quoted-word.ts';
import { plainLines } from '../core/text/table.ts';
import { text } from './command.ts';

export const confirmOption = text(
  'ID',
  'confirm without a prompt, for scripts: the id (Kafka) or name (RocketMQ) that the brokers report for the cluster',
);

/** @param name as brokers report it, never from the config. @throws AppError usage if something else was typed, or without a terminal */
export async function confirm(
  io: Pick<Caller<Pick<CommonRequest, 'confirm'>>, 'options' | 'stderr' | 'signal'>,
  name: string,
  what: string,
): Promise<void> {
  requireConfirmable(io, name);
  if (io.options.confirm !== undefined) return;
  await typeName(`${what}\nType ${name} to confirm the cluster: `, name, io.signal);
}

/** Runs before any output. @throws AppError usage if `--confirm` has another name, or is missing without a terminal */
export function requireConfirmable(
  { options, stderr }: Pick<Caller<Pick<CommonRequest, 'confirm'>>, 'options' | 'stderr'>,
  name: string,
): void {
  const given = options.confirm;
  if (given !== undefined) {
    if (given === name) return;
    throw new AppError(
      'usage',
      `--confirm ${given} does not match the cluster, which is ${name}: nothing was changed`,
      { hint: `check the address; if it is the right cluster, ${hintOf('confirm', name)}` },
    );
  }
  requireTerminal(stderr, `this change of cluster ${name}`, hintOf('confirm', name));
}

function requireTerminal({ isTerminal }: Output, what: string, hint: string): void {
  if (process.stdin.isTTY && isTerminal) return;
  throw new AppError('usage', `${what} needs a confirmation, and there is no terminal: nothing was changed`, { hint });
}

export const confirmNameOption = text('NAME', 'confirm the deletion in scripts: name of the deleted object');

/** A cluster id of Kafka can begin with a dash. */
const hintOf = (option: string, name: string): string =>
  `type --${option}${name.startsWith('-') ? '=' : ' '}${quotedWord(name)}`;

/** @throws AppError usage if another name was typed, or without a terminal */
export async function confirmDeletion(
  { options, stderr, signal }: Pick<Caller<Pick<CommonRequest, 'confirm-name'>>, 'options' | 'stderr' | 'signal'>,
  name: string,
): Promise<void> {
  const given = options['confirm-name'];
  if (given !== undefined) {
    if (given === name) return;
    throw new AppError('usage', `--confirm-name ${given} is not ${name}: nothing was changed`, {
      hint: hintOf('confirm-name', name),
    });
  }
  requireTerminal(stderr, `deleting ${name}`, hintOf('confirm-name', name));
  await typeName(`${name} is deleted permanently. Type ${name} to confirm: `, name, signal);
}

async function typeName(question: string, name: string, signal: AbortSignal): Promise<void> {
  const typed = (await typedLine(plainLines(question), signal)).trim();
  if (typed === name) return;
  throw new AppError('usage', `${JSON.stringify(typed)} is not ${name}: nothing was changed`, {
    hint: 'run the command again and type the name as the prompt shows it',
  });
}

/** @throws AppError aborted, also on Ctrl-C and Ctrl-D: the prompt reads keys, so no signal is sent */
async function typedLine(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw new AppError('aborted', 'interrupted at the prompt: nothing was changed', {
      cause,
      hint: 'run the command again to confirm it',
    });
  } finally {
    lines.close();
  }
}
