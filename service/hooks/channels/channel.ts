// Defines a notification channel: rendering, size limit, signature and refusals.

import type { Note, Wording } from '../alert-text.ts';

interface ChannelMessage {
  /** Added to the query of the channel's address. */
  query?: Readonly<Record<string, string>>;
  body: unknown;
}

export interface ChannelDialect {
  /**
   * @param secret absent where the channel has none
   * @param now when the message is sent: signatures are good for an hour
   */
  write(wording: Wording, sign: { secret?: string; now: Date }): ChannelMessage;
  /** All vendors answer 200 whatever became of the message. @returns why it was refused; undefined when it was taken */
  refusal(answer: unknown): string | undefined;
}

/** As many notes as fit into so many bytes of UTF-8, and how many did not; a first note that is too long by itself is cut. */
export function fitting({ notes, leftOut, more }: Wording, render: (note: Note) => string, mostBytes: number): string {
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
function cut(text: string, mostBytes: number): string {
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
