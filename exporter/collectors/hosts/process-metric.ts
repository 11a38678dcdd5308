// Defines metrics that have one series for each watched process.

import type { MetricDefinition } from '../../collector.ts';

const labels = ['process'];

export const gauge = (help: string, unit?: string): MetricDefinition => ({
  type: 'gauge',
  help,
  labels,
  ...(unit !== undefined && { unit }),
});

export const counter = (help: string, unit?: string): MetricDefinition => ({ ...gauge(help, unit), type: 'counter' });
