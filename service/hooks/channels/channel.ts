// Defines a notification channel: how it sends a message, its rate limit, and how to interpret responses.

import type { Clock } from '../../../core/clock.ts';
import type { Channel } from '../../../app/config/service-hooks.ts';
import type { Note, Wording } from '../alert-text.ts';

interface SendIo {
  /** The same in all attempts at one message. */
  id: string;
  clock: Pick<Clock, 'now'>;
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}

/** Result of one attempt. A reason never contains the address, because the address contains the token. */
export type Attempt =
  /** @param notice recipients that were not reached, if others were */
  | { kind: 'sent'; notice?: string }
  /** Another attempt would have the same result. */
  | { kind: 'refused'; reason: string }
  /** @param afterSeconds as requested by the vendor. @param mayBeSent whether the vendor may have delivered it */
  | { kind: 'failed'; reason: string; afterSeconds?: number; mayBeSent?: boolean };

export interface ChannelKind<Of extends Channel> {
  /** Rate limit of the vendor for one address or key, in messages per minute. */
  perMinute: number;
  /** Set if alerts stay open at the vendor until a resolve event, and an unmatched resolve event is dropped. */
  keepsIncidents?: true;
  /**
   * Timeout of one attempt, which continues after the sender disconnects, because the message may then be delivered.
   * Absent: 10 s, and the attempt ends with the sender.
   */
  patienceMs?: number;
  /** @throws AppError secret-unreadable */
  send(wording: Wording, channel: Of, io: SendIo): Promise<Attempt>;
}

export const sent: Attempt = { kind: 'sent' };

/**
 * Renders as many notes as fit into the given UTF-8 bytes, and the number of the others; a first note that is too long
 * is cut.
 */
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

/** Cuts a text between characters. */
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

/** Renders one line each, with the addresses of links. */
export const inPlainText = ({ heading, lines, links }: Note): string =>
  [heading, ...lines, ...links.map(({ text, url }) => `${text}: ${url}`)].join('\n');
