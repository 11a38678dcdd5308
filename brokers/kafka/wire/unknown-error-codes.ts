// Names error codes newer than the client library, so that one of them does not fail the whole response.

import { protocolErrors, protocolErrorsCodesById } from '../library.ts';

/**
 * The client looks error codes up in a table and throws if there is no entry, so one partition with a new code would
 * make the whole answer unreadable (seen on 2.12.1). With this fallback, an unknown code is named `error 9999`.
 */
export function nameUnknownErrorCodes(): void {
  addFallback(protocolErrorsCodesById, (code) => (/^-?\d+$/.test(code) ? `error ${code}` : undefined));
  addFallback(protocolErrors, (id) => {
    const [, code] = /^error (-?\d+)$/.exec(id) ?? [];
    return code === undefined
      ? undefined
      : { id, code: Number(code), canRetry: false, message: 'this version of Plimsoll does not know it' };
  });
}

/** Adds a function that is called for keys that the table does not have. */
function addFallback(table: object, find: (key: string) => unknown): void {
  Object.setPrototypeOf(
    table,
    new Proxy(Object.prototype, {
      get: (target, key) => (typeof key === 'string' ? find(key) : undefined) ?? Reflect.get(target, key),
    }),
  );
}
