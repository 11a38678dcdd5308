import { expect, test } from 'vitest';
import { lastError } from '../../../../core/text/last-error.ts';

test('the reason is the last exception, without its stack trace and later log lines', () => {
  const log = `[2026-01-01] INFO starting (kafka.server.KafkaServer)
[2026-01-01] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)
java.lang.IllegalArgumentException: requirement failed: bad listener
	at scala.Predef$.require(Predef.scala:337)
	... 12 more
[2026-01-01] INFO shutting down (kafka.server.KafkaServer)
`;
  expect(lastError(log)).toBe('java.lang.IllegalArgumentException: requirement failed: bad listener');
});

test('without an exception the reason is the last line', () => expect(lastError('one\ntwo\n\n')).toBe('two'));
test('an empty log has no reason', () => expect(lastError('')).toBeUndefined());
