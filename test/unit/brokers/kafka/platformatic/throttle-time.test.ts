import { expect, test } from 'vitest';
import { fetchRecords } from '../../../../../brokers/kafka/platformatic/fetch.ts';
import { produce } from '../../../../../brokers/kafka/platformatic/produce.ts';
import { readCaptured } from '../../../../support/kafka-answers.ts';

const produced = (name: string) => readCaptured(name, produce, 'all', 'captured', 0, [], 0);
const fetched = (name: string) =>
  readCaptured(name, fetchRecords, 'captured', { sessionId: 0, epoch: -1, positions: [] });

test('reads the throttle time of a produce response, whose batch is stored', () => {
  expect(produced('produce-throttled')).toEqual({ baseOffset: 2n, throttleTimeMs: 3446 });
  expect(produced('produce-2')).toEqual({ baseOffset: 2n, throttleTimeMs: 0 });
});

test('reads the throttle time of a throttled fetch response, which has no records', () => {
  expect(fetched('fetch-throttled')).toMatchObject({ errorCode: 0, partitions: [], throttleTimeMs: 8014 });
  expect(fetched('fetch')).toMatchObject({ partitions: [{ errorCode: 0 }], throttleTimeMs: 0 });
});
