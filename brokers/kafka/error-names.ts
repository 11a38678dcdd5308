// Names the error codes in parts of an answer, where the client does not.

import { protocolErrorsCodesById } from './library.ts';
import { neededPermission } from './needed-permission.ts';

/** @returns undefined when the part is well */
export function kafkaErrorNamed(code: number): string | undefined {
  return code === 0 ? undefined : (protocolErrorsCodesById[code] ?? `error ${code}`);
}

/** @returns the error name of a part of an answer, with the permission that is missing; undefined when the part was not refused */
export function refusalOf(code: number, api: string): string | undefined {
  const name = kafkaErrorNamed(code);
  const needed = name === undefined ? undefined : neededPermission(name, api);
  return needed === undefined ? name : `${name} (${needed})`;
}
