// Compares IAM tokens for Amazon MSK with AWS's specification; its brokers cannot run here.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { emptyPayload, signatureOf } from '../support/aws-signature.ts';
import { npmPackage } from '../support/npm-package.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const accessKey = 'AKIAIOSFODNN7EXAMPLE';

test('the published AWS example of a presigned URL gets the published signature', () => {
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt');
  url.searchParams.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256');
  url.searchParams.set('X-Amz-Credential', `${accessKey}/20130524/us-east-1/s3/aws4_request`);
  url.searchParams.set('X-Amz-Date', '20130524T000000Z');
  url.searchParams.set('X-Amz-Expires', '86400');
  url.searchParams.set('X-Amz-SignedHeaders', 'host');
  expect(signatureOf({ url, secretKey, payloadHash: 'UNSIGNED-PAYLOAD' })).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

// The signer is a download of 29 MB.
if (fullMatrix)
  test('a token is a presigned URL valid for 15 minutes, signed with the credentials of the process', async () => {
    const NODE_PATH = await npmPackage('aws-msk-iam-sasl-signer-js@1.0.3');
    const module = fileURLToPath(new URL('../../brokers/kafka/sasl/msk-iam.ts', import.meta.url));
    const script = `const { mskIamToken } = await import(${JSON.stringify(module)});
    try { console.log(await mskIamToken({ mechanism: 'aws-msk-iam', region: 'eu-central-1' })); }
    catch (error) { console.log(error.code, error.message, error.hint); }`;
    const nowhere = {
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const answerWith = (environment: NodeJS.ProcessEnv) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: '/nowhere', ...nowhere, ...environment },
      }).stdout.trim();

    const token = answerWith({ NODE_PATH, AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey });
    const url = new URL(Buffer.from(token, 'base64url').toString());
    expect(url.host).toBe('kafka.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(`^${accessKey}/\\d{8}/eu-central-1/kafka-cluster/aws4_request$`),
    });
    const signature = url.searchParams.get('X-Amz-Signature');
    url.searchParams.delete('X-Amz-Signature');
    // Added after the URL was signed.
    url.searchParams.delete('User-Agent');
    expect(signature).toBe(signatureOf({ url, secretKey, payloadHash: emptyPayload }));

    expect(answerWith({ NODE_PATH })).toMatch(/^credentials-refused no AWS credentials .*eu-central-1.*aws sts/s);
    expect(answerWith({})).toMatch(
      /^prerequisite-missing .*aws-msk-iam-sasl-signer-js@1\.0\.3, which is not installed/,
    );
  }, 180_000);
