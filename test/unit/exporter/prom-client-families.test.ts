import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createFamilies } from '../../../exporter/exposition/families.ts';
import { familiesOf } from '../../../exporter/prom-client-families.ts';

async function pageOf(registry: Registry): Promise<string> {
  const { definitions, lines } = await familiesOf(registry)();
  const page = createFamilies();
  page.add(definitions, lines);
  return Buffer.concat([...page.chunks('openmetrics')]).toString();
}

const unused = () => new Gauge({ name: 'unused', help: 'Nothing yet.', labelNames: ['type'], registers: [] });

test('a family without samples leaves no empty line, which would make Prometheus reject the page', async () => {
  const registry = new Registry();
  registry.registerMetric(unused());
  new Gauge({ name: 'used', help: 'Something.', registers: [registry] }).set(3);
  expect(await pageOf(registry)).toBe('# TYPE used gauge\n# HELP used Something.\nused 3\n# EOF\n');
});

test('the last family of a registry may have no samples', async () => {
  const registry = new Registry();
  new Gauge({ name: 'used', help: 'Something.', registers: [registry] }).set(3);
  registry.registerMetric(unused());
  expect(await pageOf(registry)).not.toContain('\n\n');
});

test('NaN means unknown and has no sample', async () => {
  const registry = new Registry();
  const lag = new Gauge({ name: 'lag', help: 'Of the loop.', labelNames: ['of'], registers: [registry] });
  lag.set({ of: 'mean' }, NaN);
  lag.set({ of: 'max' }, 3);
  expect(await pageOf(registry)).toBe('# TYPE lag gauge\n# HELP lag Of the loop.\nlag{of="max"} 3\n# EOF\n');
});
