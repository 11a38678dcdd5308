// Names error codes newer than the client library, so that one of them does not fail the whole response.

import { protocolErrors, protocolErrorsCodesById } from '../library.ts';

/**
 * The client looks error codes up in a table, and throws where there is none: one partition with a new code would take
 * all others of its answer with it (seen on 2.12.1). From here on a code it does not know is called `error 9999`.
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

/** Looked up where a table has no entry. */
function addFallback(table: object, find: (key: string) => unknown): void {
  Object.setPrototypeOf(
    table,
    new Proxy(Object.prototype, {
      get: (target, key) => (typeof key === 'string' ? find(key) : undefined) ?? Reflect.get(target, key),
    }),
  );
}
