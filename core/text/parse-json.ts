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

/** @param path for the error message. @throws AppError with this code for text that is not JSON */
export const parseJsonFile = (text: string, path: string, code: FaultCode): unknown =>
  orFault(() => JSON.parse(text) as unknown, code, `${path} is not JSON`);
