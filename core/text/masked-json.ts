// Replaces the values of named fields in JSON text at any depth; numbers keep their notation.

import { rawJSON } from './raw-json.ts';

export const mask = '•••';

/** Largest document that is parsed; a larger one is hidden completely. */
const mostBytes = 2 ** 20;

/**
 * @param fields field names, case-insensitive, since senders write `cardNumber` and `CardNumber`
 * @param indent spaces per level; absent: one line
 * @returns JSON; undefined if it is not JSON, is larger than 1 MiB or, with fields to mask, contains values without field names
 */
export function maskedJson(content: Buffer, fields: readonly string[], indent?: number): string | undefined {
  if (content.length > mostBytes) return undefined;
  const hidden = new Set(fields.map((field) => field.toLowerCase()));
  const shown = (name: string, value: unknown, context?: { source?: string }): unknown => {
    if (hidden.has(name.toLowerCase())) return mask;
    if (typeof value === 'number' && context?.source !== undefined) return rawJSON(context.source);
    // Some senders nest JSON as strings in JSON.
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

/** Whether each value belongs to a field: no rule knows the meaning of `13912345678` or `["13912345678"]`. */
function isNamed(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isNamed) : typeof value === 'object' && value !== null;
}
