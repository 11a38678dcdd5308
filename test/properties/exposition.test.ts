import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MetricDefinition } from '../../exporter/collector.ts';
import { createFamilies, renderLines } from '../../exporter/exposition/families.ts';
import { parseExposition, seriesKey } from '../support/exposition.ts';

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('\\', '"', '\n', '}', ',')),
});
const value = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 63n }), fc.double({ noNaN: true }), fc.integer());
const definition = fc.record<MetricDefinition>({
  type: fc.constantFrom('counter', 'gauge'),
  help: text,
  labels: fc.uniqueArray(fc.constantFrom('topic', 'partition', 'device'), { maxLength: 3 }),
});
const pageOf = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z_]{0,20}$/),
  definition.chain((definition) =>
    fc.record({
      definition: fc.constant(definition),
      samples: fc.uniqueArray(
        fc.record({ origin: text, labels: fc.tuple(...definition.labels.map(() => text)), value }),
        { selector: ({ origin, labels }) => JSON.stringify([origin, labels]), maxLength: 8 },
      ),
    }),
  ),
  { noNullPrototype: true },
);

test('what is rendered reads back exactly, whatever stands in labels and help', async () => {
  await fc.assert(
    fc.asyncProperty(pageOf, async (page) => {
      const families = createFamilies();
      const expected = new Map<string, string>();
      for (const [name, { definition, samples }] of Object.entries(page)) {
        for (const { origin, labels, value } of samples) {
          const from = { names: ['cluster'], values: [origin] };
          families.add(
            { [name]: definition },
            await renderLines({ [name]: definition }, from, [{ metric: name, labels, value }]),
          );
          const named = Object.fromEntries(definition.labels.map((label, index) => [label, labels[index] ?? '']));
          expected.set(
            seriesKey(name, { cluster: origin, ...named }),
            String(value).replace(/^(-?)Infinity$/, (_, sign) => `${sign || '+'}Inf`),
          );
        }
      }
      const read = parseExposition([...families.chunks()].join(''));
      expect(read.samples).toEqual(expected);
      for (const [name, type] of read.types) {
        expect([type, read.help.get(name)]).toEqual([page[name]?.definition.type, page[name]?.definition.help]);
      }
    }),
  );
});
