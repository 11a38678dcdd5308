import { expect, test } from 'vitest';
import { negotiateFormat } from '../../../../exporter/http/send-page.ts';

test.each([
  // Sent by Prometheus 2.53 and 3.
  [
    'application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'openmetrics',
  ],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3',
    'text',
  ],
  ['application/openmetrics-text; version="1.0.0"; q=0.2, text/plain; q=0.9', 'text'],
  ['application/openmetrics-text;version=0.0.1', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text, */*', 'text'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
  ['', 'text'],
  [undefined, 'text'],
  [';;;q=x,,', 'text'],
] as const)('Accept header %s selects the format %s', (accept, format) => expect(negotiateFormat(accept)).toBe(format));
