import { expect, test } from 'vitest';
import { type ResendIo, resendRequest } from '../../../../cli/resend/run-resend.ts';
import { systemClock } from '../../../../core/clock.ts';
import { readMessageQuery } from '../../../../dashboards/web/cluster/message-query.ts';
import { resendCommand } from '../../../../service/clusters/resend-command.ts';

const kafka = { name: 'orders', broker: 'kafka', deadLetterTopics: { failures: 'payments' } } as const;
const rocketmq = { name: 'orders', broker: 'rocketmq' } as const;
const query = (text: string) => readMessageQuery(new URLSearchParams(text), 'UTC');
const rows = [
  { partition: '0', offset: 17n },
  { partition: '1', offset: 4n },
];

test('the page of a dead-letter topic offers the resend command with the filters of the page', () => {
  const asked = { served: kafka, topic: 'failures', rows };
  expect(resendCommand({ ...asked, query: query('from=time&at=2026-11-11T00:00&key=order 7&header=shop=west') })).toBe(
    "plimsoll ops kafka resend --cluster orders --topic failures --since 2026-11-11T00:00:00.000Z --key 'order 7' --header shop=west",
  );
  expect(resendCommand({ ...asked, query: query('text=--execute') })).toBe(
    'plimsoll ops kafka resend --cluster orders --topic failures --contains=--execute',
  );
});

test('a selection that no option can express lists each message', () => {
  const asked = { served: rocketmq, topic: '%DLQ%billing', rows };
  const beginning = 'plimsoll ops rocketmq resend --cluster orders --topic';
  expect(resendCommand({ ...asked, query: query('from=offset&offset=4') })).toMatch(/ --message 0@17 --message 1@4$/);
  expect(resendCommand({ ...asked, query: query('show=broker-a:0@9&key=order-7') })).toBe(
    `${beginning} %DLQ%billing --message broker-a:0@9`,
  );
});

test('other topics offer no resend command', () => {
  const asked = { query: query(''), rows };
  expect(resendCommand({ ...asked, served: kafka, topic: 'orders' })).toBeUndefined();
  expect(resendCommand({ ...asked, served: rocketmq, topic: 'orders.DLT' })).toBeUndefined();
});

test('--since leaves out a message with an earlier sender timestamp, even if it was stored later', () => {
  const options: Partial<ResendIo['options']> = {
    topic: 'orders.DLT',
    message: [],
    since: '2026-11-11T00:00:00Z',
    skip: [],
    'send-again': [],
  };
  const clock = { ...systemClock, now: () => new Date('2026-11-12T00:00:00Z') };
  const { spec, filter } = resendRequest({ options: options as ResendIo['options'], clock }, { toOrigin: true });
  const isWanted = (time: string) =>
    spec.isWanted({
      topic: 'orders.DLT',
      partition: 0,
      offset: 17n,
      storedAtMs: Date.parse(time),
      properties: [],
      facts: {},
    });
  expect(isWanted('2026-11-11T00:00:00Z')).toBe(true);
  expect(isWanted('2026-11-10T23:59:59Z')).toBe(false);
  expect(filter).toEqual({});
});
