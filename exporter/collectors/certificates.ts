// Exports when the TLS certificates of brokers and name servers expire.

import type { ClusterCollector } from '../collector.ts';
import { labelled } from '../declare-metrics.ts';

export const certificates = {
  of: 'cluster',
  source: 'certificates of the TLS handshake',
  cost: '1 connection per broker and name server in 10 minutes, with `tls`',
  metrics: {
    plimsoll_certificate_expiry_timestamp_seconds: labelled('address').gauge(
      'When the certificate of the address, or one of its chain, expires, in seconds since the epoch.',
    ),
  },

  collect: ({ snapshot }) => ({
    kind: 'ok',
    measurements: (snapshot.certificates ?? []).map(({ address, expiresAtMs }) => ({
      metric: 'plimsoll_certificate_expiry_timestamp_seconds',
      labels: [address],
      value: expiresAtMs / 1000,
    })),
  }),
} satisfies ClusterCollector;
