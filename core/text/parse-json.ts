// Parses text that may not be JSON.

import { type FaultCode, orFault } from '../errors.ts';

/** @returns undefined for text that is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws SyntaxError that quotes the text only if it begins like a document: another file may contain passwords */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (/^\s*(?:[[{]|$)/.test(text)) throw cause;
    throw new SyntaxError('it begins neither with { nor with [', { cause });
  }
}

/** @param path for the error message. @throws AppError with this code for text that is not JSON */
export const parseJsonFile = (text: string, path: string, code: FaultCode): unknown =>
  orFault(() => readJson(text), code, `${path} is not JSON`);
