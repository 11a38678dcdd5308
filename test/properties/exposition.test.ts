import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inRuns, type MetricDefinition } from '../../exporter/collector.ts';
import { createFamilies } from '../../exporter/exposition/families.ts';
import { renderLines } from '../../exporter/exposition/render-lines.ts';
import { countSeries } from '../../exporter/exposition/series-count.ts';
import { parseExposition, seriesKey } from '../support/exposition.ts';

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('\\', '"', '\n', '}', ',')),
});
const value = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 63n }), fc.double({ noNaN: true }), fc.integer());
/** Adjacent series often share all labels but the last, as the partitions of a topic do. */
const label = fc.oneof(text, fc.constantFrom('a', 'b'));
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
        fc.record({ origin: label, labels: fc.tuple(...definition.labels.map(() => label)), value }),
        { selector: ({ origin, labels }) => JSON.stringify([origin, labels]), maxLength: 8 },
      ),
    }),
  ),
  { noNullPrototype: true },
);

test('rendered metrics parse back exactly, with any text in labels and help', async () => {
  await fc.assert(
    fc.asyncProperty(pageOf, async (page) => {
      const families = createFamilies();
      const expected = new Map<string, string>();
      for (const [name, { definition, samples }] of Object.entries(page)) {
        const definitions = { [name]: definition };
        for (const [origin, ofOrigin = []] of Object.entries(Object.groupBy(samples, ({ origin }) => origin))) {
          const measurements = ofOrigin.map(({ labels, value }) => ({ metric: name, labels, value }));
          const from = { names: ['cluster'], values: [origin] };
          const all = { origin: from, shed: new Set<never>(), count: countSeries(Infinity) };
          families.add(definitions, (await renderLines(definitions, measurements, all)) ?? new Map());
          for (const { labels, value } of ofOrigin) {
            const named = Object.fromEntries(definition.labels.map((label, index) => [label, labels[index] ?? '']));
            expected.set(
              seriesKey(name, { cluster: origin, ...named }),
              String(value).replace(/^(-?)Infinity$/, (_, sign) => `${sign || '+'}Inf`),
            );
          }
        }
      }
      const read = parseExposition([...families.chunks('text')].join(''));
      expect(read.samples).toEqual(expected);
      for (const [name, type] of read.types) {
        expect([type, read.help.get(name)]).toEqual([page[name]?.definition.type, page[name]?.definition.help]);
      }
    }),
  );
});

const runOf = fc.record({
  labels: fc.tuple(label, label),
  samples: fc.array(fc.record({ last: fc.oneof(label, fc.nat()), value }), { maxLength: 8 }),
});

test('series rendered as a run equal series rendered one by one', async () => {
  const origins = fc.constantFrom({ names: ['cluster'], values: ['"lab"'] }, { names: ['partition'], values: ['7'] });
  await fc.assert(
    fc.asyncProperty(fc.array(runOf, { maxLength: 4 }), origins, fc.nat({ max: 40 }), async (runs, origin, budget) => {
      const definitions = { lag: { type: 'gauge', help: 'h', labels: ['group', 'topic', 'partition'] } } as const;
      const measurements = inRuns(() =>
        runs.map(({ labels, samples }) => ({
          metric: 'lag',
          labels,
          last: samples.map(({ last }) => last),
          values: samples.map((sample) => sample.value),
        })),
      );
      const pages = [measurements, [...measurements]].map(async (each) => {
        const lines = await renderLines(definitions, each, { origin, shed: new Set(), count: countSeries(budget) });
        return lines === undefined ? 'over budget' : [...lines.values()].flat().join('');
      });
      const [asRuns, oneByOne] = await Promise.all(pages);
      expect(asRuns).toBe(oneByOne);
    }),
  );
});
