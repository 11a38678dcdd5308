import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBrokerReader as readerOfKafka } from '../../../brokers/kafka/inspect/broker-reader.ts';
import type { Link } from '../../../brokers/kafka/wire/links.ts';
import { createBrokerReader as readerOfRocketmq } from '../../../brokers/rocketmq/inspect/broker-reading.ts';
import { createSectionMemory, type Sections } from '../../../brokers/sections.ts';
import { askUnlessSilent, createSilentBrokers, type SilentBrokers } from '../../../brokers/silent-brokers.ts';
import { AppError } from '../../../core/errors.ts';
import { createHandClock } from '../../support/hand-clock.ts';

const io = () => ({ signal: AbortSignal.timeout(10_000) });
const unanswered = () => Promise.reject(new AppError('broker-unreachable', 'cannot reach b: no answer'));

type Answer = (io: { signal: AbortSignal }) => Promise<string>;
type Read = (sections: Sections, silent: SilentBrokers, answer: Answer) => Promise<string | undefined>;

const ofKafka: Read = (sections, silent, answer) => {
  const link = { address: 'b:9092' } as Link;
  const links = { to: async () => link, takeCounts: () => ({}), async [Symbol.asyncDispose]() {} };
  const reader = readerOfKafka({ id: '1', address: 'b:9092' }, sections, links, silent);
  return reader.ask({ section: 'groups', keepSeconds: 0, read: (_, within) => answer(within) }, io());
};
const ofRocketmq: Read = (sections, silent, read) => {
  const link = { id: 'a:0', ask: () => unanswered() };
  return readerOfRocketmq(sections, link, silent).ask(
    { section: 'commits', keepSeconds: 0, deadlineSeconds: 3, read },
    io(),
  );
};

test.for([
  ['Kafka', ofKafka],
  ['RocketMQ', ofRocketmq],
] as const)(
  'a %s broker that was silent and is now slow gets its full timeout again after a minute',
  async ([, read]) => {
    const clock = createHandClock();
    const memory = createSectionMemory({ clock });
    const silent = createSilentBrokers(clock);
    const slow: Answer = ({ signal }) => sleep(700, 'its groups', { signal });
    expect(await read(memory.begin(), silent, unanswered)).toBeUndefined();
    expect(await read(memory.begin(), silent, slow)).toBeUndefined();
    clock.advance(60);
    expect(await read(memory.begin(), silent, slow)).toBe('its groups');
    expect(await read(memory.begin(), silent, slow)).toBe('its groups');
  },
);

test('each silence limits a broker to its short timeout for another minute', () => {
  const clock = createHandClock();
  const silent = createSilentBrokers(clock);
  silent.add('1');
  clock.advance(59);
  expect(silent.has('1')).toBe(true);
  silent.add('1');
  clock.advance(1);
  expect(silent.has('1')).toBe(false);
  silent.add('1');
  clock.advance(59);
  expect(silent.has('1')).toBe(true);
});

test('a broker that hung is not queried for a minute, while one that refuses at once is', async () => {
  const clock = createHandClock();
  const how = { silent: createSilentBrokers(clock), clock };
  let asked = 0;
  const ask = (afterSeconds: number) => () => {
    asked++;
    clock.advance(afterSeconds);
    return unanswered();
  };
  await expect(askUnlessSilent(how, '1', ask(0))).rejects.toThrow('cannot reach b');
  await expect(askUnlessSilent(how, '1', ask(4))).rejects.toThrow('cannot reach b');
  await expect(askUnlessSilent(how, '1', ask(4))).rejects.toThrow('broker 1 hung less than a minute ago');
  expect(asked).toBe(2);
  clock.advance(60);
  expect(await askUnlessSilent(how, '1', async () => 'answered')).toBe('answered');
});
