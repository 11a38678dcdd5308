// Defines the config of a broker's JMX exporter or Jolokia agent: the key `jmx`, by broker id.

import { z } from 'zod';
import { HttpUrl } from '../../../core/http/http-config.ts';
import { Secret } from '../../../core/secret.ts';

const Url = HttpUrl.meta({ examples: ['http://127.0.0.1:7071/metrics', 'http://127.0.0.1:8778/jolokia'] });

export const InternalsSource = z.union([
  Url,
  z.strictObject({ url: Url, username: z.string(), password: Secret }).describe('with basic authentication'),
]);
export type InternalsSource = z.infer<typeof InternalsSource>;
