// Parses text that may not be JSON.

import { AppError, type FaultCode } from '../errors.ts';

/** @returns undefined for text that is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @param path for the error message. @throws AppError with this code for text that is not JSON */
export function parseJsonFile(text: string, path: string, code: FaultCode): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AppError(code, `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
