// Formats generated JSON documents.

import { format } from 'prettier';

/** @returns JSON whose objects take one line where they fit */
export function formatJson(document: unknown): Promise<string> {
  return format(JSON.stringify(document), { parser: 'json', printWidth: 120, objectWrap: 'collapse' });
}
