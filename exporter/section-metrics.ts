// Exports the freshness, age and read cost of each section of a cluster snapshot.

import type { Section } from '../brokers/snapshot.ts';
import { known, labelled, type Measurement } from './collector.ts';

const { gauge, flag } = labelled('section', 'broker');

/** Each has the label `cluster`; `broker` is empty for responses of the cluster as a whole. */
export const sectionMetrics = {
  plimsoll_scrape_section_success: flag(
    '1 if this part of the cluster is fresh, 0 if it could not be read; absent while it is skipped to limit load on the broker.',
  ),
  plimsoll_scrape_section_skipped: flag('1 while this part is skipped to limit load on an overloaded broker, else 0.'),
  plimsoll_scrape_section_duration_seconds: gauge(
    'Duration of the last attempt to read this part; absent if there was none for this page.',
  ),
  plimsoll_scrape_section_age_seconds: gauge('Age of the shown data of this part; absent if none is shown.'),
  plimsoll_scrape_sections: labelled('state').gauge(
    'Parts of the cluster by state: fresh, kept (last good values, since the latest reading failed), missing, or skipped.',
    'parts',
  ),
};

export function* sectionMeasurements(sections: readonly Section[]): Iterable<Measurement> {
  const states: Record<Section['kind'], number> = { fresh: 0, kept: 0, missing: 0, skipped: 0 };
  // A part read in several requests has one series, with the worst outcome: duplicate series would invalidate the page.
  const shownSections = new Map<string, Section>();
  for (const section of sections) {
    states[section.kind]++;
    const key = `${section.section}\0${section.broker ?? ''}`;
    if ((shownSections.get(key)?.kind ?? 'fresh') === 'fresh') shownSections.set(key, section);
  }
  for (const { section, broker = '', kind, durationSeconds, ageSeconds } of shownSections.values()) {
    const labels = [section, broker];
    const isSkipped = kind === 'skipped';
    if (!isSkipped) yield { metric: 'plimsoll_scrape_section_success', labels, value: Number(kind === 'fresh') };
    yield { metric: 'plimsoll_scrape_section_skipped', labels, value: Number(isSkipped) };
    yield* known('plimsoll_scrape_section_duration_seconds', labels, durationSeconds);
    yield* known('plimsoll_scrape_section_age_seconds', labels, ageSeconds);
  }
  for (const [state, value] of Object.entries(states))
    yield { metric: 'plimsoll_scrape_sections', labels: [state], value };
}
