// Defines the `schemaRegistry` config of a cluster.

import { z } from 'zod';
import { HttpAuthorization, HttpUrl } from '../../core/http/http-config.ts';
import { TlsConfig } from '../tls-config.ts';

export const SchemaRegistryConfig = z
  .strictObject({
    url: HttpUrl.describe(
      'URL above `/schemas/ids/1`, such as http://registry:8081 or http://registry:8080/apis/ccompat/v7',
    ),
    authorization: HttpAuthorization.optional(),
    tls: TlsConfig.optional(),
  })
  .describe(
    'registry of Avro, Protobuf and JSON schemas, to decode messages in Confluent wire format; Apicurio and Karapace have the same API',
  );
export type SchemaRegistryConfig = z.infer<typeof SchemaRegistryConfig>;
