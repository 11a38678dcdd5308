import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createBeanReadings } from '../../brokers/kafka/internals/bean-readings.ts';
import { readJmxPage } from '../../brokers/kafka/internals/jmx-exporter-page.ts';
import { parseJolokiaAnswers } from '../../brokers/kafka/internals/jolokia.ts';

const recorded = (name: string) => readFileSync(new URL(`../fixtures/kafka/internals/${name}`, import.meta.url));
const page = recorded('jmx-exporter-1.0.1-kafka-3.9.2-no-rules.prom');
const answers = recorded('jolokia-2.2.9-kafka-4.3.1.json').toString('utf8');

async function read(chunks: readonly Uint8Array[]) {
  const readings = createBeanReadings();
  await readJmxPage(
    'http://127.0.0.1/',
    (async function* () {
      yield* chunks;
    })(),
    readings,
  );
  return readings.report();
}

/** Changes some bytes of a recorded response, and truncates it. */
const spoiled = (bytes: Buffer) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 40 }), fc.nat(bytes.length))
    .map(([changes, length]) => {
      const copy = Buffer.from(bytes);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy.subarray(0, length);
    });

test('any split of a JMX page yields the same readings', async () => {
  const whole = await read([page]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(page.length), { maxLength: 20 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), page.length];
      const chunks = at.slice(1).map((end, index) => page.subarray(at[index], end));
      expect(await read(chunks)).toEqual(whole);
    }),
  );
});

test('a damaged JMX page yields only finite values, at most as many as the cap', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled(page), async (bytes) => {
      const { values } = await read([bytes]);
      expect(values.length).toBeLessThanOrEqual(2000);
      expect(values.every(({ value }) => Number.isFinite(value))).toBe(true);
    }),
  );
});

test('a damaged Jolokia response is either read or rejected with a parse error', () => {
  fc.assert(
    fc.property(spoiled(Buffer.from(answers)), (bytes) => {
      const readings = createBeanReadings();
      try {
        parseJolokiaAnswers(bytes.toString('utf8'), readings);
      } catch (cause) {
        expect(cause instanceof z.ZodError || cause instanceof SyntaxError).toBe(true);
      }
      expect(readings.report().values.every(({ value }) => Number.isFinite(value))).toBe(true);
    }),
  );
});

test('any JSON is either read or rejected with a validation error', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      try {
        parseJolokiaAnswers(json, createBeanReadings());
      } catch (cause) {
        expect(cause).toBeInstanceOf(z.ZodError);
      }
    }),
  );
});
