// Keeps a file of resent messages: one line before each message is sent, and one with its offset afterwards.

import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { named } from '../../core/text/bilingual.ts';
import { fileName, ifAbsent, storeFault } from '../change/journal-file.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { makeFolder } from '../../core/files.ts';
import { messageIdentity, messageName, type MessagePlace } from './message-name.ts';

const Place = { topic: z.string(), partition: z.number().int().min(0), brokerName: z.string().optional() };
const Offset = z.string().regex(/^\d{1,19}$/);
const storedAtMs = z.number().optional().describe('when the original was stored, in milliseconds since the epoch');
const common = {
  at: z.iso.datetime(),
  message: z.string().describe('position of the original in the dead-letter topic'),
};

export const SentLine = z.discriminatedUnion('state', [
  z.strictObject({ ...common, state: z.literal('sending'), storedAtMs, ...Place }),
  z.strictObject({ ...common, state: z.literal('sent'), storedAtMs, ...Place, offset: Offset }),
  z.strictObject({ ...common, state: z.literal('absent').describe('sent, and found not to be stored') }),
  z.strictObject({ ...common, state: z.literal('skipped').describe('an operator decided not to send it') }),
  z.strictObject({ ...common, state: z.literal('gone').describe('the original is no longer stored') }),
]);
export type SentLine = z.infer<typeof SentLine>;
export type SendingLine = Extract<SentLine, { state: 'sending' }>;

const ending = '.sent.ndjson';
const idForm = /^[0-9a-f]{12}$/;
export const newResendId = (): string => randomBytes(6).toString('hex');
const beginning = (cluster: string, topic: string) => fileName([cluster, 'resend', topic], '--');

export const sentFile = (stateFolder: string, of: { cluster: string; topic: string; id: string }): string =>
  join(stateFolder, 'changes', `${beginning(of.cluster, of.topic)}${of.id}${ending}`);

/**
 * @returns the last line of each message, without a torn last line of the file. @throws AppError change-unreadable,
 *   no-permission
 */
export async function readSent(path: string): Promise<Map<string, SentLine>> {
  const text = await readFile(path, 'utf8').catch(ifAbsent('', path));
  const last = new Map<string, SentLine>();
  for (const line of text.split('\n').slice(0, -1)) {
    const parsed = SentLine.safeParse(parseJson(line));
    if (!parsed.success) {
      throw new AppError('change-unreadable', `${path} has a line that is not of a resend: ${line.slice(0, 80)}`);
    }
    last.set(parsed.data.message, parsed.data);
  }
  return last;
}

/** @returns identities of all messages of the topic sent before, including unsettled ones. @throws AppError as readSent */
export async function sentBefore(stateFolder: string, of: { cluster: string; topic: string }): Promise<Set<string>> {
  const folder = join(stateFolder, 'changes');
  const names = await readdir(folder).catch(ifAbsent<string[]>([], folder));
  const sent = new Set<string>();
  const first = beginning(of.cluster, of.topic);
  for (const name of names) {
    if (!name.startsWith(first) || !name.endsWith(ending)) continue;
    if (!idForm.test(name.slice(first.length, -ending.length))) continue;
    for (const line of (await readSent(join(folder, name))).values()) {
      if (line.state === 'sent' || line.state === 'sending') sent.add(messageIdentity(line.message, line.storedAtMs));
    }
  }
  return sent;
}

type StoredPlace = MessagePlace & { storedAtMs?: number };

/** @param sent from `sentBefore`; a name without a time belongs to a message without one */
export function wasSent(message: StoredPlace, sent: ReadonlySet<string>): boolean {
  const name = messageName(message);
  return sent.has(name) || sent.has(messageIdentity(name, message.storedAtMs));
}

/** @param sent from `sentBefore`, when no other resend can run. @throws AppError change-refused */
export function refuseSent(chosen: readonly StoredPlace[], sent: ReadonlySet<string>): void {
  const twice = chosen.filter((message) => wasSent(message, sent)).map(messageName);
  if (twice.length === 0) return;
  throw new AppError(
    'change-refused',
    `nothing was sent: another resend has sent messages of this plan since it was shown (${countText(twice.length)}): ${named(twice)}`,
    { hint: 'run the command again: it leaves them out' },
  );
}

export interface SentWriter extends AsyncDisposable {
  /** Durable when this resolves. */
  note(lines: readonly SentLine[]): Promise<void>;
  /** Survives the end of the process, and is durable after the next `note`. */
  add(line: SentLine): Promise<void>;
}

/** @throws AppError no-space, no-permission */
export async function openSent(path: string): Promise<SentWriter> {
  const file = await opened(path);
  const write = async (lines: readonly SentLine[]) => {
    try {
      await file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    } catch (cause) {
      throw storeFault(cause, `cannot write ${basename(path)}`, 'no-permission');
    }
  };
  return {
    async note(lines) {
      await write(lines);
      await file.datasync();
    },
    add: (line) => write([line]),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function opened(path: string): Promise<FileHandle> {
  try {
    makeFolder(dirname(path));
    // Removes a line torn by a crash, so that the next one starts on a new line.
    const file = await open(path, 'a+', 0o600);
    const written = await file.readFile();
    const whole = written.lastIndexOf('\n') + 1;
    if (whole < written.length) await file.truncate(whole);
    return file;
  } catch (cause) {
    throw storeFault(cause, `cannot write ${path}`, 'no-permission');
  }
}
