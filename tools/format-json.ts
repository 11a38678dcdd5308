// Formats generated JSON documents.

import { format } from 'prettier';

/** @returns JSON with each object on one line if it fits */
export function formatJson(document: unknown): Promise<string> {
  return format(JSON.stringify(document), { parser: 'json', printWidth: 120, objectWrap: 'collapse' });
}
