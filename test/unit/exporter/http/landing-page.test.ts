import { expect, test } from 'vitest';
import { renderLandingPage } from '../../../../exporter/http/landing-page.ts';
import type { TargetState } from '../../../../exporter/scrape-target.ts';

const state: TargetState = {
  label: 'cluster',
  name: '<b>lab</b>',
  isUp: true,
  at: new Date('2026-11-20T10:00:00.123Z'),
  readSeconds: 0.012,
  series: 1234,
  shed: { partition: 500, topic: 0, group: 0 },
  collectors: [
    { name: 'offsets', isSuccess: true, durationSeconds: 0.0002 },
    { name: 'log-dirs', isSuccess: false, durationSeconds: 0, reason: 'the broker refuses' },
  ],
  sections: [
    { section: 'offsets', broker: '2', kind: 'kept', durationSeconds: 5, ageSeconds: 180, reason: 'no answer' },
  ],
};
const textOf = (page: string) =>
  page
    .replaceAll(/<style>.*<\/style>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

test('shows for each target what was read, how old the rest is and why', () => {
  const page = renderLandingPage([state], [], []);
  expect(page).not.toContain('<b>lab</b>');
  expect(page).toContain(`content="default-src 'none'; style-src`);
  const text = textOf(page);
  expect(text).toContain('cluster &lt;b&gt;lab&lt;/b&gt; up');
  expect(text).toContain(
    '1234 series; read in 12 ms at 2026-11-20T10:00:00Z ; left out for the limit: 500 of partitions',
  );
  expect(text).toContain('offsets answered 200 µs');
  expect(text).toContain('log-dirs missing 0 s the broker refuses');
  expect(text).toContain('offsets 2 kept 5 s 3 min no answer');
});

test('lists the modules of /probe, and shows if nothing was scraped yet', () => {
  const text = textOf(renderLandingPage([], ['plain', 'rocket'], []));
  expect(text).toContain('with module plain, rocket');
  expect(text).toContain('Nothing was scraped yet');
});
