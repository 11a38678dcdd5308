// Defines a notification channel: how it sends a message, its rate limit, and what its answer means.

import type { Clock } from '../../../core/clock.ts';
import type { Channel } from '../../../app/config/service-hooks.ts';
import type { Note, Wording } from '../alert-text.ts';

interface SendIo {
  clock: Pick<Clock, 'now'>;
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}

/** What became of one attempt. A reason never contains the address: its token is in it. */
export type Attempt =
  /** @param notice whom it did not reach, where others have it */
  | { kind: 'sent'; notice?: string }
  /** Another attempt has the same result. */
  | { kind: 'refused'; reason: string }
  /** @param afterSeconds as the vendor asks */
  | { kind: 'failed'; reason: string; afterSeconds?: number };

export interface ChannelKind<Of extends Channel> {
  /** Messages that the vendor takes from one channel. */
  perMinute: number;
  /** Alerts stay open there until their end is sent; an end that belongs to none is dropped. */
  keepsIncidents?: true;
  /** For one attempt, which continues after the sender hung up: the message may be delivered by then. Absent: 10 s, and it ends with the sender. */
  patienceMs?: number;
  /** @throws AppError secret-unreadable */
  send(wording: Wording, channel: Of, io: SendIo): Promise<Attempt>;
}

export const sent: Attempt = { kind: 'sent' };

/** As many notes as fit into so many bytes of UTF-8, and how many did not; a first note that is too long by itself is cut. */
export function fitting(
  { notes, leftOut, more }: Pick<Wording, 'notes' | 'leftOut' | 'more'>,
  render: (note: Note) => string,
  mostBytes: number,
): string {
  const room = mostBytes - Buffer.byteLength(`\n\n${more(notes.length + leftOut)}`);
  const kept: string[] = [];
  let bytes = 0;
  for (const note of notes) {
    const text = render(note);
    const size = Buffer.byteLength(text) + 2;
    if (bytes + size > room) break;
    kept.push(text);
    bytes += size;
  }
  const [first] = notes;
  if (kept.length === 0 && first !== undefined) kept.push(cut(render(first), room - 2));
  const left = notes.length - kept.length + leftOut;
  return [...kept, ...(left > 0 ? [more(left)] : [])].join('\n\n');
}

/** Never within a character. */
export function cut(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const ellipsis = '…';
  let kept = '';
  let bytes = Buffer.byteLength(ellipsis);
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) return kept + ellipsis;
    kept += character;
  }
  return kept;
}

export function inMarkdown({ heading, lines, links }: Note, between = '\n\n'): string {
  return [`**${heading}**`, ...lines, ...(links.length === 0 ? [] : [links.map(linkInMarkdown).join(' ')])].join(
    between,
  );
}

const linkInMarkdown = ({ text, url }: Note['links'][number]) => `[${text}](${url.replaceAll(')', '%29')})`;

/** One line each, links with their addresses. */
export const inPlainText = ({ heading, lines, links }: Note): string =>
  [heading, ...lines, ...links.map(({ text, url }) => `${text}: ${url}`)].join('\n');
