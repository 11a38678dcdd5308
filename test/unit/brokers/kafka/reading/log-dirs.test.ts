import { expect, test } from 'vitest';
import { cordonedBrokers } from '../../../../../brokers/kafka/reading/log-dirs.ts';

test('a broker is cordoned if no online directory takes replicas', () => {
  const of = (broker: string, ...states: object[]) =>
    states.map((each) => ({ broker, path: '/data', bytes: 0n, ...each }));
  const cordoned = { isCordoned: true };
  const offline = { error: 'KAFKA_STORAGE_ERROR' };
  const directories = [
    ...of('1', cordoned),
    ...of('2', cordoned, {}),
    ...of('3', cordoned, offline),
    ...of('4', offline),
    ...of('5', {}),
  ];
  expect([...cordonedBrokers(directories)]).toEqual(['1', '3']);
});
