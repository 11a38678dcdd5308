// Creates the logger: pino on standard error, because standard output is the result.

import { destination, pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Keys whose values are redacted, at any depth the redactor supports. */
const secretPaths = ['password', 'secret', 'token', 'key', 'sasl', 'authorization'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** @param level pino level name; `silent` for none */
export function createLogger(level: string, stream: DestinationStream = destination({ fd: 2, sync: true })): Logger {
  return pino({ level, base: null, redact: { paths: secretPaths, censor: '[redacted]' } }, stream);
}
