import { expect, test } from 'vitest';
import { labelOf } from '../../../../../dashboards/web/readings/readings-data.ts';
import { createView } from '../../../../../dashboards/web/view.ts';

test.each([
  ['en', 'broker 1'],
  ['zh', 'Broker 1'],
])('in %s, the line of a Kafka broker is not named by its bare id; a topic keeps its name', (lang, broker) => {
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams({ lang }), accepted: false });
  const line = { label: { name: '1' }, mean: [] };
  expect([labelOf(line, { of: 'cpu' }, view), labelOf(line, { of: 'topics' }, view)]).toEqual([broker, '1']);
});
