// Signs tokens for IAM of Amazon MSK, which its brokers accept with OAUTHBEARER.

import { AppError } from '../../../core/errors.ts';
import { loadOptionalPackage } from '../../../core/optional-package.ts';
import type { MskIam } from './config.ts';

interface Signer {
  generateAuthToken(options: {
    region: string;
    awsProfileName?: string;
    awsRoleArn?: string;
    awsRoleSessionName?: string;
  }): Promise<{ token: string; expiryTime: number }>;
}

const isSigner = (module: unknown): module is Signer =>
  typeof (module as Partial<Signer> | undefined)?.generateAuthToken === 'function';

/**
 * @returns a token that is valid for 15 minutes: a presigned URL of `kafka-cluster:Connect`, base64
 * @throws AppError prerequisite-missing, credentials-refused
 */
export async function mskIamToken({ region, profile, roleArn }: MskIam): Promise<string> {
  const signer = loadOptionalPackage('aws-msk-iam-sasl-signer-js', 'IAM of Amazon MSK', isSigner);
  try {
    const { token } = await signer.generateAuthToken({
      region,
      ...(profile !== undefined && { awsProfileName: profile }),
      ...(roleArn !== undefined && { awsRoleArn: roleArn, awsRoleSessionName: 'plimsoll' }),
    });
    return token;
  } catch (cause) {
    const text = (cause as Error).message.replace(/\s+/g, ' ').slice(0, 300);
    throw new AppError('credentials-refused', `no AWS credentials to sign a token for MSK in ${region}: ${text}`, {
      hint: 'provide credentials in a profile, in the environment or by the instance; `aws sts get-caller-identity` shows whether they work',
      cause,
    });
  }
}
