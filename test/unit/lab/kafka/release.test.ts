import { expect, test } from 'vitest';
import { kafkaRelease } from '../../../../lab/kafka/release.ts';

test.each([
  ['4.3.1', 'kraft', 'log4j2'],
  ['3.9.2', 'kraft', 'log4j1'],
  ['3.3.1', 'kraft', 'log4j1'],
  ['3.2.3', 'zookeeper', 'log4j1'],
  ['2.8.2', 'zookeeper', 'log4j1'],
])('Kafka %s keeps its metadata in %s and logs with %s', (version, quorum, logging) =>
  expect(kafkaRelease(version)).toMatchObject({ quorum, logging }),
);

test.each(['latest', '4.3', '4.3.1-rc1', '../../etc', ''])('%j is not a valid version', (text) =>
  expect(() => kafkaRelease(text)).toThrow(expect.objectContaining({ code: 'usage' })),
);
