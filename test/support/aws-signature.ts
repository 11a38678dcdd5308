// Computes the signature of a presigned URL by the specification of AWS Signature Version 4.

import { createHash, createHmac } from 'node:crypto';

export interface Presigned {
  /** URL with all signed parameters, without the signature. */
  url: URL;
  secretKey: string;
  /** Hash of the payload in hex; `UNSIGNED-PAYLOAD` for S3. */
  payloadHash: string;
}

export const emptyPayload = createHash('sha256').update('').digest('hex');

/** @returns the signature in hex */
export function signatureOf({ url, secretKey, payloadHash }: Presigned): string {
  const [, date = '', region = '', service = ''] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join('&');
  const request = ['GET', url.pathname, query, `host:${url.host}\n`, 'host', payloadHash].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const hash = createHash('sha256').update(request).digest('hex');
  const text = ['AWS4-HMAC-SHA256', url.searchParams.get('X-Amz-Date'), scope, hash].join('\n');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, date));
  return hmac(key, text).toString('hex');
}

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
