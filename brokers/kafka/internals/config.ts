// Where does a broker tell its internals over HTTP? The key `jmx` of a Kafka cluster, by broker id.

import { z } from 'zod';
import { Secret } from '../../../core/secret.ts';

const Url = z
  .url({ protocol: /^https?$/, error: 'a URL is written http://host:port/path' })
  .meta({ examples: ['http://127.0.0.1:7071/metrics', 'http://127.0.0.1:8778/jolokia'] });

export const InternalsSource = z.union([
  Url,
  z.strictObject({ url: Url, username: z.string(), password: Secret }).describe('with basic authentication'),
]);
export type InternalsSource = z.infer<typeof InternalsSource>;
