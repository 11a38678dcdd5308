// Names the error codes in parts of an answer, which the client library does not name.

import { protocolErrorsCodesById } from './library.ts';
import { neededPermission } from './needed-permission.ts';

/** @returns undefined when the part has no error */
export function kafkaErrorNamed(code: number): string | undefined {
  return code === 0 ? undefined : (protocolErrorsCodesById[code] ?? `error ${code}`);
}

/** @returns the error name of a part of an answer, with the missing permission; undefined when the part has no error */
export function refusalOf(code: number, api: string): string | undefined {
  const name = kafkaErrorNamed(code);
  const needed = name === undefined ? undefined : neededPermission(name, api);
  return needed === undefined ? name : `${name} (${needed})`;
}
