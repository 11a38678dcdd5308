import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();

/** Kafka with a null key: 509 bytes of record, 61 of a batch of 50, the rest of a request, 90 of each frame of 1,448. */
const wireBytesIn = 549;

/** A broker without followers and consumers: it sends only responses and ACKs. */
function found(bytesPerMessage: number, change: (run: LoadTestRun) => LoadTestRun = (run) => run, outShare = 1 / 40) {
  const run = plainRun({ bytesPerMessage });
  const onlyIn: LoadTestRun = {
    ...run,
    hosts: new Map(
      [...run.hosts].map(([name, host]) => [
        name,
        {
          ...host,
          intervals: host.intervals.map((interval) => ({
            ...interval,
            network:
              interval.network?.map((card) => ({ ...card, outBytesPerSecond: card.inBytesPerSecond * outShare })) ?? [],
          })),
        },
      ]),
    ),
  };
  const { findings } = analyzeRun(change(onlyIn), policy);
  return findings.filter(({ code }) => code.startsWith('bytes-'));
}

test('traffic that matches the protocol is not reported', () => expect(found(wireBytesIn)).toEqual([]));

test('traffic 50% above the protocol is reported, and base64 is not named as a cause', () => {
  const [finding, ...more] = found(wireBytesIn * 1.5);
  expect(more).toEqual([]);
  expect(finding?.severity).toBe('warning');
  expect(finding?.message).toMatch(/^Traffic per message was 824 bytes in and 20\.6 bytes out at all brokers together/);
});

test('traffic is not checked if messages do not cross a network interface', () =>
  expect(
    found(wireBytesIn * 1.5, (run) => ({
      ...run,
      document: { ...run.document, environment: { ...run.document.environment, generatorHost: 'broker-1' } },
    })),
  ).toEqual([]));

test('traffic is not checked if the message size is unknown', () =>
  expect(
    found(wireBytesIn * 1.5, (run) => ({ ...run, document: { ...run.document, workload: { groups: 0 } } })),
  ).toEqual([]));

test.each([true, undefined])(
  'expected bytes of a RocketMQ send request with a single message depend on its signature (signed: %s)',
  (signed) => {
    // A signed send and its response: 378 bytes of header and names, 500 of the message, 251 of the response, 90 of each frame.
    const single = (run: LoadTestRun): LoadTestRun => ({
      ...run,
      document: { ...run.document, broker: 'rocketmq', ...(signed && { signed }) },
      produced: run.produced.map((each) => ({ ...each, requests: each.acknowledged })),
    });
    expect(found(1010, single, 341 / 1010)).toHaveLength(signed ? 0 : 1);
  },
);
