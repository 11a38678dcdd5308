// Formats bytes of unknown content: text as text, anything else as hex.

import { plain } from './table.ts';

const bytesPerLine = 16;

/** Formats on one line: text with control characters replaced, or `0x` and hex; truncates at `most` bytes and adds the length. */
export function shortText(content: Buffer, most: number): string {
  const shown = content.subarray(0, most);
  const text = isText(shown) ? plain(shown.toString('utf8')) : `0x${shown.toString('hex')}`;
  return content.length > most ? `${text}… (${content.length} bytes)` : text;
}

/** Returns UTF-8 unchanged, and anything else as a hex dump with ASCII. */
export function renderBytes(content: Buffer): string {
  if (content.length === 0) return '';
  if (isText(content)) {
    return content
      .toString('utf8')
      .split('\n')
      .map((line) => `${plain(line)}\n`)
      .join('');
  }
  let text = '';
  for (let at = 0; at < content.length; at += bytesPerLine) {
    const line = content.subarray(at, at + bytesPerLine);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    text += `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${ascii}\n`;
  }
  return text;
}

/** Whether the bytes are UTF-8 without control characters; a letter cut at the end is allowed. */
function isText(content: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content, { stream: true });
    return !/(?![\t\n\r])\p{Cc}/u.test(text);
  } catch {
    return false;
  }
}
