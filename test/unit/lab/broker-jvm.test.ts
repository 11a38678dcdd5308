import { expect, test } from 'vitest';
import { meaningfulLine } from '../../../lab/broker-jvm.ts';

test('the last fault speaks, not the stack below it nor the talk after it', () => {
  const log = `[2026-01-01] INFO starting (kafka.server.KafkaServer)
[2026-01-01] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)
java.lang.IllegalArgumentException: requirement failed: bad listener
	at scala.Predef$.require(Predef.scala:337)
	... 12 more
[2026-01-01] INFO shutting down (kafka.server.KafkaServer)
`;
  expect(meaningfulLine(log)).toBe('java.lang.IllegalArgumentException: requirement failed: bad listener');
});

test('without a fault the last line speaks', () => expect(meaningfulLine('one\ntwo\n\n')).toBe('two'));
test('silence is said', () => expect(meaningfulLine('')).toBe('it said nothing'));
