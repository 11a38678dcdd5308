// Replaces the values of named fields in a JSON text, at any depth, and leaves numbers as they are written.

import { rawJSON } from './raw-json.ts';

export const mask = '•••';

/** Of what is read; a larger document is hidden as a whole. */
const mostBytes = 2 ** 20;

/**
 * @param fields names of fields; case does not matter, since senders write `cardNumber` and `CardNumber`
 * @param indent of each level, in spaces; absent: on one line
 * @returns JSON, or undefined for what is not JSON or larger than 1 MiB and, with fields to mask, for values without names
 */
export function maskedJson(content: Buffer, fields: readonly string[], indent?: number): string | undefined {
  if (content.length > mostBytes) return undefined;
  const hidden = new Set(fields.map((field) => field.toLowerCase()));
  const shown = (name: string, value: unknown, context?: { source?: string }): unknown => {
    if (hidden.has(name.toLowerCase())) return mask;
    if (typeof value === 'number' && context?.source !== undefined) return rawJSON(context.source);
    // Senders put JSON into strings of JSON.
    return typeof value === 'string' && /^\s*[{["]/.test(value) ? (masked(value) ?? value) : value;
  };
  const masked = (text: string, spaces?: number, needsNames = false): string | undefined => {
    try {
      if (needsNames && !isNamed(JSON.parse(text))) return undefined;
      return JSON.stringify(JSON.parse(text, shown), undefined, spaces);
    } catch {
      return undefined;
    }
  };
  return masked(content.toString('utf8'), indent, fields.length > 0);
}

/** Whether each value is in a field: of `13912345678` and `["13912345678"]` no rule knows what they are. */
function isNamed(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isNamed) : typeof value === 'object' && value !== null;
}
