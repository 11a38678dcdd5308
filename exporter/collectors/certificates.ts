// Exports when the TLS certificates of brokers and name servers expire.

import { ok, type ClusterCollector, labelled } from '../collector.ts';

const { gauge } = labelled('address');

export const certificates = {
  of: 'cluster',
  source: 'certificates of the TLS handshake',
  cost: '1 connection per broker and name server in 10 minutes, with `tls`',
  metrics: {
    plimsoll_certificate_expiry_timestamp_seconds: gauge(
      'When the certificate of the address, or one of its chain, expires, in seconds since the epoch.',
    ),
    plimsoll_certificate_lifetime_seconds: gauge('Time from the start to the expiry of that certificate.'),
  },

  collect: ({ snapshot }) =>
    ok(
      (snapshot.certificates ?? []).flatMap(({ address, expiresAtMs, lifetimeSeconds }) => [
        { metric: 'plimsoll_certificate_expiry_timestamp_seconds', labels: [address], value: expiresAtMs / 1000 },
        { metric: 'plimsoll_certificate_lifetime_seconds', labels: [address], value: lifetimeSeconds },
      ]),
    ),
} satisfies ClusterCollector;
