// Renders the golden GC report of a troubled broker.

import { createGcFigures } from '../../gc/report/gc-figures.ts';
import type { GcReport } from '../../gc/report/gc-report.ts';
import { makeReport } from '../../gc/report/make-report.ts';
import { renderText } from '../../gc/report/text.ts';
import { at, troubledBroker } from './troubled-broker.ts';

export function troubledReport(): GcReport {
  const figures = createGcFigures();
  for (const event of troubledBroker()) figures.event(event);
  figures.unparsed('2026-01-01 00:01:40,000 INFO Registered kafka:type=kafka.Log4jController');
  figures.endLog(at(100));
  return makeReport(figures, [{ path: '/dev/shm/rmq_srv_gc_4711_1.log', bytes: 12_345 }]);
}

export const renderGoldenGcReport = (): string => renderText(troubledReport(), { colours: false });
